// What the Functions host keeps: Durable's queues and tables, the deployed package, function keys. Nothing of the archive, but in
// the container scratch what a run needs meanwhile (staging/), and the note by which a run misses an archive that has vanished: it must
// not lie in the account that vanishes. No versions and no soft delete, so that a deleted byte costs nothing.
param name string
param location string
param logs string
param isPublic bool

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    networkAcls: { defaultAction: isPublic ? 'Allow' : 'Deny', bypass: 'AzureServices' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    resource packages 'containers' = { name: 'packages' }
    resource scratch 'containers' = { name: 'scratch' }
  }

  // What a dead run has left. The note beside it stays.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'empty-the-scratch'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['scratch/staging/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 14 } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account::blobs
  properties: {
    workspaceId: logs
    logs: [for category in ['StorageWrite', 'StorageDelete']: { category: category, enabled: true }]
  }
}

output id string = account.id
output scratch string = '${account.properties.primaryEndpoints.blob}scratch'
output packages string = '${account.properties.primaryEndpoints.blob}packages'
