// The archive: an ordinary git repository in one container. Old versions of every blob are kept, and the app cannot delete them.
param name string
param location string
param container string
param keepVersionsDays int
param coldAfterDays int
param immutableDays int
param deleteLock bool
param logs string
param publicAccess bool

var dropOldVersions = {
  name: 'drop-old-versions'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob'] }
    actions: { version: { delete: { daysAfterCreationGreaterThan: keepVersionsDays } } }
  }
}
var coolLargeFiles = {
  name: 'cold-large-files'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob'], prefixMatch: ['${container}/lfs/objects'] }
    actions: { baseBlob: { tierToCold: { daysAfterModificationGreaterThan: max(coldAfterDays, 1) } } }
  }
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: { defaultAction: publicAccess ? 'Allow' : 'Deny', bypass: 'AzureServices' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      isVersioningEnabled: true
      deleteRetentionPolicy: { enabled: true, days: 30, allowPermanentDelete: false }
      containerDeleteRetentionPolicy: { enabled: true, days: 30 }
    }

    resource archive 'containers' = {
      name: container
      properties: {
        publicAccess: 'None'
        // Container-wide immutability would forbid to move the branch; version-level lets an overwrite keep what it replaces.
        immutableStorageWithVersioning: immutableDays > 0 ? { enabled: true } : null
      }

      resource policy 'immutabilityPolicies' = if (immutableDays > 0) {
        name: 'default'
        properties: { immutabilityPeriodSinceCreationInDays: immutableDays, allowProtectedAppendWrites: false }
      }
    }
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    dependsOn: [blobs]
    properties: { policy: { rules: coldAfterDays > 0 ? [dropOldVersions, coolLargeFiles] : [dropOldVersions] } }
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLock) {
  name: 'keep-the-archive'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'This account holds the only copy of the backup.' }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account::blobs
  properties: {
    workspaceId: logs
    logs: [for category in ['StorageRead', 'StorageWrite', 'StorageDelete']: { category: category, enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
