param location string
param insightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'ago-backup-workbook')
  location: location
  kind: 'shared'
  properties: {
    displayName: 'ago-backup'
    category: 'workbook'
    sourceId: insightsId
    serializedData: loadTextContent('../workbook.json')
  }
}
