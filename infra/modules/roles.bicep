// Who may do what: this table and nothing more. Ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
import { container } from 'archive-storage.bicep'

param principalId string
param names {
  identity: string
  hostStorage: string
  archiveStorage: string
  vault: string
  insights: string
  scheduler: string
  *: string
}
param withScheduler bool
param readers string[]

// The host needs Owner of blobs in its own account (leases and function keys); the archive is another account. There it has
// Contributor on the one container, which cannot delete versions, so that a thief of the identity cannot destroy the history.
// The role on the vault is on the vault, not on single secrets: it holds nothing but the secrets of this app; a role on a
// secret needs the secret to be there first; and the app could not tell a secret that is missing from one that is forbidden.
// Delegator lends addresses of single large files to whoever clones; it is given on accounts only, and reads nothing by itself.
var table rowOf[] = [
  { on: 'hostStorage', role: 'Storage Blob Data Owner', id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' }
  { on: 'hostStorage', role: 'Storage Queue Data Contributor', id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' }
  { on: 'hostStorage', role: 'Storage Table Data Contributor', id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' }
  { on: 'archive', role: 'Storage Blob Data Contributor', id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' }
  { on: 'archiveAccount', role: 'Storage Blob Delegator', id: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a' }
  { on: 'vault', role: 'Key Vault Secrets User', id: '4633458b-17de-408a-b874-0445c86b69e6' }
  { on: 'insights', role: 'Monitoring Metrics Publisher', id: '3913510d-42f4-4e42-8a64-420c390055eb' }
  { on: 'scheduler', role: 'Durable Task Data Contributor', id: '0ad04412-c4d5-4796-b79c-f76d14c8d402' }
]
var readerRole = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: names.hostStorage }
resource archiveStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: names.archiveStorage
  resource blobs 'blobServices' existing = {
    name: 'default'
    resource archive 'containers' existing = { name: container }
  }
}
resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = { name: names.vault }
resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: names.insights }
resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' existing = if (withScheduler) { name: names.scheduler }

type rowOf = { on: string, role: string, id: string }

type assignmentOf = { principalId: string, principalType: 'ServicePrincipal', roleDefinitionId: string }

func rowsOn(rows rowOf[], on string) rowOf[] => filter(rows, row => row.on == on)
func assign(principalId string, role string) assignmentOf => {
  principalId: principalId
  principalType: 'ServicePrincipal'
  roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
}

resource onHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in rowsOn(table, 'hostStorage'): {
    name: guid(hostStorage.id, names.identity, row.id)
    scope: hostStorage
    properties: assign(principalId, row.id)
  }
]
resource onArchive 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in rowsOn(table, 'archive'): {
    name: guid(archiveStorage::blobs::archive.id, names.identity, row.id)
    scope: archiveStorage::blobs::archive
    properties: assign(principalId, row.id)
  }
]
resource onArchiveAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in rowsOn(table, 'archiveAccount'): {
    name: guid(archiveStorage.id, names.identity, row.id)
    scope: archiveStorage
    properties: assign(principalId, row.id)
  }
]
resource onVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in rowsOn(table, 'vault'): {
    name: guid(vault.id, names.identity, row.id)
    scope: vault
    properties: assign(principalId, row.id)
  }
]
resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in rowsOn(table, 'insights'): {
    name: guid(insights.id, names.identity, row.id)
    scope: insights
    properties: assign(principalId, row.id)
  }
]
resource onScheduler 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in rowsOn(table, 'scheduler'): if (withScheduler) {
    name: guid(scheduler.id, names.identity, row.id)
    scope: scheduler
    properties: assign(principalId, row.id)
  }
]
resource forReaders 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for reader in readers: {
    name: guid(archiveStorage::blobs::archive.id, reader, readerRole)
    scope: archiveStorage::blobs::archive
    properties: {
      principalId: reader
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', readerRole)
    }
  }
]
