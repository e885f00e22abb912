import { hub } from 'scheduler.bicep'
import { checked, settingsOf } from 'settings.bicep'
import { entraOf } from 'entra.bicep'

param name string
param location string
param identityId string
param clientId string
param hostStorage string
@description('Address of the container of the deployed package.')
param packages string
@description('Address of the container of the archive.')
param store string
@description('Address of the container of what must not lie in the archive.')
param scratch string
param vaultUrl string
param insightsConnection string
param withScheduler bool
param schedulerEndpoint string?
param subnetId string?
@description('Does the account of the archive answer from outside?')
param isPublic bool
param settings settingsOf
param entra entraOf?
param logs string
@description('Which plan the app runs on.')
param plan planOf

@export()
@description('flex: Flex Consumption, paid by use. dedicated: an App Service plan with one machine, where Flex Consumption is not, as in Azure Government and in China.')
type planOf = 'flex' | 'dedicated'

var isFlex = plan == 'flex'
// What a plan of Flex Consumption says in functionAppConfig, and keeps running by itself.
// https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package
var byPlan = isFlex
  ? {}
  : {
      FUNCTIONS_EXTENSION_VERSION: '~4'
      FUNCTIONS_WORKER_RUNTIME: 'node'
      WEBSITE_RUN_FROM_PACKAGE: '1'
    }
var always = { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }

var byIdentity = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  AzureWebJobsStorage__blobServiceUri: 'https://${hostStorage}.blob.${environment().suffixes.storage}'
  AzureWebJobsStorage__queueServiceUri: 'https://${hostStorage}.queue.${environment().suffixes.storage}'
  AzureWebJobsStorage__tableServiceUri: 'https://${hostStorage}.table.${environment().suffixes.storage}'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  AZURE_CLIENT_ID: clientId
  BACKUP_STORE: store
  BACKUP_SCRATCH: scratch
  KEY_VAULT_URL: vaultUrl
}
// Who clones from outside reaches the app, and not the storage account.
var byNetwork = isPublic ? {} : { ARCHIVE_LARGE_FILES: 'app' }
// Without App Service Authentication in place, as the app sees by itself, this counts for nothing.
var tenantId = entra.?tenantId ?? tenant().tenantId
var byEntra = entra == null ? {} : { ARCHIVE_ENTRA_TENANT: tenantId }
// https://learn.microsoft.com/azure/azure-functions/durable/durable-task-scheduler/develop-with-durable-task-scheduler
var byScheduler = !withScheduler
  ? {}
  : {
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
      AzureFunctionsJobHost__extensions__durableTask__hubName: hub
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${schedulerEndpoint!};Authentication=ManagedIdentity;ClientID=${clientId}'
    }

resource machines 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${name}-plan'
  location: location
  kind: isFlex ? 'functionapp' : 'linux'
  // 3.5 GB; the smallest that runs all night and holds a run.
  sku: isFlex ? { tier: 'FlexConsumption', name: 'FC1' } : { tier: 'Basic', name: 'B2' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'backup' }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: machines.id
    httpsOnly: true
    virtualNetworkSubnetId: subnetId
    siteConfig: isFlex ? always : union(always, { alwaysOn: true, linuxFxVersion: 'NODE|24' })
    functionAppConfig: !isFlex
      ? null
      : {
          deployment: {
            storage: {
              type: 'blobContainer'
              value: packages
              authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
            }
          }
          runtime: { name: 'node', version: '24' }
          // Lanes bound the pressure on the portal, however many instances there are; more would only wait.
          scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 }
        }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(byIdentity, byPlan, byScheduler, byNetwork, byEntra, checked(settings))
  }
  resource ftp 'basicPublishingCredentialsPolicies' = { name: 'ftp', properties: { allow: false } }
  resource scm 'basicPublishingCredentialsPolicies' = { name: 'scm', properties: { allow: false } }
}

module authentication 'entra.bicep' = if (entra != null) {
  params: { app: app.name, clientId: entra!.clientId, tenantId: tenantId }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: app
  properties: { workspaceId: logs, logs: [{ category: 'FunctionAppLogs', enabled: true }] }
}
