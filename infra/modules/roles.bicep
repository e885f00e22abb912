// Who may do what: this table and nothing more. Role ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
param principalId string
param hostStorage string
param archiveStorage string
param container string
param vault string
param insights string
param scheduler string
param readers string[]

var roleIds = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  durableTask: '0ad04412-c4d5-4796-b79c-f76d14c8d402'
}

// The host needs Owner of blobs in its own account (leases and keys); the archive is another account.
var hostRoles = [roleIds.blobOwner, roleIds.queueContributor, roleIds.tableContributor]

resource hostAccount 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: hostStorage
}
resource archiveAccount 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: archiveStorage
  resource blobs 'blobServices' existing = {
    name: 'default'
    resource archive 'containers' existing = {
      name: container
    }
  }
}
resource keyVault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vault
}
resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insights
}
resource taskScheduler 'Microsoft.DurableTask/schedulers@2025-11-01' existing = if (scheduler != '') {
  name: scheduler
}

resource onHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in hostRoles: {
    name: guid(hostAccount.id, principalId, role)
    scope: hostAccount
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// Contributor, not Owner: with it versions cannot be deleted, so a thief of this identity cannot destroy the history.
resource onArchive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(archiveAccount::blobs::archive.id, principalId, roleIds.blobContributor)
  scope: archiveAccount::blobs::archive
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.blobContributor)
  }
}

// On the vault, which holds nothing but this app's secrets: a role on a single secret needs the secret to be there first,
// and the operator puts it in after the deployment.
resource onVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(keyVault.id, principalId, roleIds.secretsUser)
  scope: keyVault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.secretsUser)
  }
}

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, principalId, roleIds.metricsPublisher)
  scope: component
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.metricsPublisher)
  }
}

resource onScheduler 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (scheduler != '') {
  name: guid(taskScheduler.id, principalId, roleIds.durableTask)
  scope: taskScheduler
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.durableTask)
  }
}

resource forReaders 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for reader in readers: {
    name: guid(archiveAccount::blobs::archive.id, reader, roleIds.blobReader)
    scope: archiveAccount::blobs::archive
    properties: {
      principalId: reader
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.blobReader)
    }
  }
]
