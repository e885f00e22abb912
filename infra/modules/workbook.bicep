// The picture: what the last runs did, over thirty days. Its queries are files of their own.
param location string
param workspaceId string

var pictures = [
  { title: 'Last runs', query: loadTextContent('../queries/workbook/runs.kql') }
  { title: 'Items saved, failed and unchanged', query: loadTextContent('../queries/workbook/items.kql') }
  { title: 'Items that failed, by cause', query: loadTextContent('../queries/workbook/failures.kql') }
  { title: 'Megabytes fetched', query: loadTextContent('../queries/workbook/bytes.kql') }
  { title: 'How quickly the portal answers', query: loadTextContent('../queries/workbook/latency.kql') }
  { title: 'How the archive grows', query: loadTextContent('../queries/workbook/growth.kql') }
  { title: 'What the app costs at most', query: loadTextContent('../queries/workbook/cost.kql') }
]
var tiles = [
  for picture in pictures: {
    type: 3 // a query
    name: picture.title
    content: {
      version: 'KqlItem/1.0'
      title: picture.title
      query: picture.query
      size: 0
      timeContext: { durationMs: 2592000000 }
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      crossComponentResources: [workspaceId]
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'ago-backup-workbook')
  location: location
  kind: 'shared'
  properties: {
    displayName: 'ago-backup'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string({ version: 'Notebook/1.0', items: tiles })
  }
}
