// What the Functions host keeps: Durable's queues and tables, the deployed package, function keys. Nothing of the archive.
param name string
param location string
param logs string
param publicAccess bool

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: { defaultAction: publicAccess ? 'Allow' : 'Deny', bypass: 'AzureServices' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    resource packages 'containers' = {
      name: 'packages'
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account::blobs
  properties: { workspaceId: logs, logs: [{ category: 'StorageDelete', enabled: true }] }
}

output id string = account.id
output name string = account.name
output deploymentContainer string = '${account.properties.primaryEndpoints.blob}packages'
