import { settingsOf } from 'settings.bicep'

param name string
param location string
param identityId string
param clientId string
param hostStorage string
param deploymentContainer string
param store string
param vaultUrl string
param insightsConnection string
param schedulerEndpoint string
param schedulerHub string
param subnetId string
param settings settingsOf
param logs string

// Numbers are settings as texts.
var given = reduce(items(settings), {}, (all, each) => union(all, { '${each.key}': string(each.value) }))
var byIdentity = {
  AzureWebJobsStorage__accountName: hostStorage
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  AZURE_CLIENT_ID: clientId
  BACKUP_STORE: store
  KEY_VAULT_URL: vaultUrl
}
// https://learn.microsoft.com/azure/azure-functions/durable/durable-task-scheduler/develop-with-durable-task-scheduler
var byScheduler = schedulerEndpoint == ''
  ? {}
  : {
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER'
      AzureFunctionsJobHost__extensions__durableTask__hubName: schedulerHub
      DURABLE_TASK_SCHEDULER: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${clientId}'
    }

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${name}-plan'
  location: location
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'backup' }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: subnetId == '' ? null : subnetId
    keyVaultReferenceIdentity: identityId
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainer
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: '24' }
      // Lanes bound the pressure on the portal, so more instances would only wait.
      scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(byIdentity, byScheduler, given)
  }
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: app
  properties: { workspaceId: logs, logs: [{ category: 'FunctionAppLogs', enabled: true }] }
}

output name string = app.name
