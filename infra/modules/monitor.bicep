// Where log lines, audits and metrics go; alarms and workbook read them there.
param workspace string
param insights string
param location string

resource logs 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspace
  location: location
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 90, features: { disableLocalAuth: true } }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: insights
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    // Telemetry is sent by the identity of the app; the key in the connection string alone opens nothing.
    DisableLocalAuth: true
  }
}

output workspaceId string = logs.id
output insightsConnection string = component.properties.ConnectionString
