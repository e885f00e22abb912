// All of ago-backup in one resource group: az deployment group create --resource-group RG --parameters infra/main.bicepparam
targetScope = 'resourceGroup'

import { planOf } from 'modules/app.bicep'
import { archiveOf } from 'modules/archive-storage.bicep'
import { entraOf } from 'modules/entra.bicep'
import { nameOf, settingsOf } from 'modules/settings.bicep'

@description('Begins the name of every resource: 3 to 12 small letters and digits, a letter first.')
@minLength(3)
@maxLength(12)
param name string = 'agobackup'
@description('Where everything is; a region with Flex Consumption: az functionapp list-flexconsumption-locations')
param location string = resourceGroup().location
@description('Settings of the backup that are no secrets, by the names of docs/settings.md. What is left out has its default.')
param settings settingsOf = {}
@description('Who gets the alarms: one e-mail address.')
@minLength(6)
param alarmEmail string
@description('How the archive is kept. What is left out has its default.')
param archive archiveOf = {}
@description('Object ids of people or groups in Microsoft Entra who may read the archive.')
param readers string[] = []
@description('People sign in to the page with Microsoft Entra, by the app roles Reader and Operator. None: by keys alone.')
param entra entraOf?
@description('A virtual network with private endpoints; storage and vault are then reached from inside it alone.')
param privateNetwork bool = false
@description('The Durable Task Scheduler in place of storage queues. A change of this begins with an empty task hub.')
param durableTaskScheduler bool = false
@description('flex; or dedicated where Flex Consumption is not, as in Azure Government and in China. A change of this makes the app anew.')
param plan planOf = 'flex'

var suffix = uniqueString(resourceGroup().id, name)
var names = {
  identity: '${name}-identity'
  app: '${nameOf(name)}-${suffix}'
  hostStorage: take('${name}host${suffix}', 24)
  archiveStorage: take('${name}${suffix}', 24)
  vault: take('${name}-${suffix}', 24)
  insights: '${name}-insights'
  scheduler: '${name}-tasks'
}
var isPublic = !privateNetwork

module identity 'modules/identity.bicep' = { params: { name: names.identity, location: location } }
module monitor 'modules/monitor.bicep' = {
  params: { workspace: '${name}-logs', insights: names.insights, location: location }
}
module network 'modules/network.bicep' = if (privateNetwork) {
  params: { name: '${name}-network', location: location, isFlex: plan == 'flex' }
}
module hostStorage 'modules/host-storage.bicep' = {
  params: { name: names.hostStorage, location: location, logs: monitor.outputs.workspaceId, isPublic: isPublic }
}
module archiveStorage 'modules/archive-storage.bicep' = {
  params: {
    name: names.archiveStorage
    location: location
    archive: archive
    logs: monitor.outputs.workspaceId
    isPublic: isPublic
  }
}
module vault 'modules/vault.bicep' = {
  params: { name: names.vault, location: location, logs: monitor.outputs.workspaceId, isPublic: isPublic }
}
module scheduler 'modules/scheduler.bicep' = if (durableTaskScheduler) {
  params: { name: names.scheduler, location: location }
}
module endpoints 'modules/endpoints.bicep' = if (privateNetwork) {
  params: {
    name: name
    location: location
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    hostStorageId: hostStorage.outputs.id
    archiveStorageId: archiveStorage.outputs.id
    vaultId: vault.outputs.id
  }
}
module roles 'modules/roles.bicep' = {
  params: {
    principalId: identity.outputs.principalId
    names: names
    withScheduler: durableTaskScheduler
    readers: readers
  }
  dependsOn: [archiveStorage, hostStorage, monitor, scheduler, vault]
}
module app 'modules/app.bicep' = {
  params: {
    name: names.app
    plan: plan
    location: location
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    hostStorage: names.hostStorage
    packages: hostStorage.outputs.packages
    store: archiveStorage.outputs.store
    scratch: hostStorage.outputs.scratch
    vaultUrl: vault.outputs.url
    insightsConnection: monitor.outputs.insightsConnection
    withScheduler: durableTaskScheduler
    schedulerEndpoint: durableTaskScheduler ? scheduler!.outputs.endpoint : null
    subnetId: privateNetwork ? network!.outputs.appSubnetId : null
    isPublic: isPublic
    settings: settings
    entra: entra
    logs: monitor.outputs.workspaceId
  }
  dependsOn: [roles, endpoints]
}
module alarms 'modules/alarms.bicep' = {
  params: { name: name, location: location, workspaceId: monitor.outputs.workspaceId, email: alarmEmail }
}
module workbook 'modules/workbook.bicep' = {
  params: { location: location, workspaceId: monitor.outputs.workspaceId }
}

output app string = names.app
output store string = archiveStorage.outputs.store
output vault string = names.vault
