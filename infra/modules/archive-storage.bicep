// The archive: an ordinary git repository in one container. Old versions of every blob are kept, and the app cannot delete them.
@description('How the archive is kept.')
@export()
@sealed()
type archiveOf = {
  @description('Days for which whatever was overwritten or deleted can be got back; default 90')
  @minValue(7)
  @maxValue(365)
  keepDays: int?
  @description('Days after which Git LFS objects go to the cold tier, which is cheap to keep and dear to read; 0 = never; default 30')
  @minValue(0)
  @maxValue(3650)
  coldAfterDays: int?
  @description('Days after it was written for which nobody can delete a version; 0 = off (default). Only when the container is made.')
  @minValue(0)
  @maxValue(365)
  immutableDays: int?
  @description('How many copies, and where; default Standard_ZRS, three zones. Standard_LRS where the region has no zones.')
  redundancy: ('Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS')?
  @description('A lock that keeps the storage account from being deleted; default true')
  deleteLock: bool?
}

param name string
param location string
param archive archiveOf
param logs string
param isPublic bool

@export()
var container = 'backup'
var keepDays = archive.?keepDays ?? 90
var coldAfterDays = archive.?coldAfterDays ?? 30
// A version that may not be deleted yet would make the lifecycle rule fail, day after day.
var immutableDays = (archive.?immutableDays ?? 0) < keepDays
  ? archive.?immutableDays ?? 0
  : fail('immutableDays must be less than keepDays.')

// A version's age counts from when it was written, not from when it was replaced: a pack of last year that is deleted today is
// old at once. What a rule deletes is then soft-deleted, so the days of soft delete are what surely remains.
// https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure#action-run-conditions
var dropOldVersions = {
  name: 'drop-old-versions'
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob'] }
    actions: { version: { delete: { daysAfterCreationGreaterThan: keepDays } } }
  }
}
var coolLargeFiles = {
  name: 'cool-large-files'
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob'], prefixMatch: ['${container}/lfs/objects'] }
    actions: { baseBlob: { tierToCold: { daysAfterModificationGreaterThan: max(coldAfterDays, 1) } } }
  }
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: archive.?redundancy ?? 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
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
    properties: {
      isVersioningEnabled: true
      deleteRetentionPolicy: { enabled: true, days: keepDays, allowPermanentDelete: false }
      containerDeleteRetentionPolicy: { enabled: true, days: keepDays }
    }

    resource archiveContainer 'containers' = {
      name: container
      properties: {
        publicAccess: 'None'
        // Immutability of the whole container would forbid to move the branch; of versions, it keeps what an overwrite replaces.
        immutableStorageWithVersioning: immutableDays > 0 ? { enabled: true } : null
      }

      resource immutability 'immutabilityPolicies' = if (immutableDays > 0) {
        name: 'default'
        properties: { immutabilityPeriodSinceCreationInDays: immutableDays, allowProtectedAppendWrites: false }
      }
    }
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: { policy: { rules: coldAfterDays > 0 ? [dropOldVersions, coolLargeFiles] : [dropOldVersions] } }
    dependsOn: [blobs]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (archive.?deleteLock ?? true) {
  name: 'keep-the-archive'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'This account holds the backup of the ArcGIS organization.' }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account::blobs
  properties: {
    workspaceId: logs
    logs: [for category in ['StorageRead', 'StorageWrite', 'StorageDelete']: { category: category, enabled: true }]
    metrics: [for category in ['Capacity', 'Transaction']: { category: category, enabled: true }]
  }
}

output id string = account.id
output store string = '${account.properties.primaryEndpoints.blob}${container}'
