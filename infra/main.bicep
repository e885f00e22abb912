// All that ago-backup needs in one resource group: `az deployment group create --resource-group RG --parameters infra/main.bicepparam`.
targetScope = 'resourceGroup'

@description('Begins the name of every resource.')
@minLength(3)
@maxLength(12)
param name string = 'agobackup'
param location string = resourceGroup().location

@description('Settings of the backup that are no secrets; see the table in README.md. What is left out has its default.')
param settings settingsOf = {}

@description('Who gets the alarms.')
param alarmEmail string

@description('Days for which old versions of blobs are kept: how far back the archive can be rescued from a thief or a mistake.')
@minValue(7)
@maxValue(3650)
param keepVersionsDays int = 90

@description('Days after which Git LFS objects go to the cold tier; 0 = never.')
@minValue(0)
@maxValue(3650)
param coldAfterDays int = 30

@description('Days for which no version of a blob can be deleted by anybody (version-level immutability, unlocked); 0 = off. Must be less than keepVersionsDays.')
@minValue(0)
@maxValue(3650)
param immutableDays int = 0

@description('A virtual network with private endpoints for storage and vault.')
param privateNetwork bool = false

@description('The Durable Task Scheduler in place of the storage backend.')
param durableTaskScheduler bool = false

@description('Object ids of people or groups who may read the archive.')
param readers string[] = []

@description('A lock that keeps the storage of the archive from being deleted.')
param deleteLock bool = true

import { settingsOf } from 'modules/settings.bicep'

var suffix = uniqueString(resourceGroup().id, name)
var container = 'backup'

module identity 'modules/identity.bicep' = {
  params: { name: '${name}-id', location: location }
}
module monitor 'modules/monitor.bicep' = {
  params: { name: name, location: location }
}
module network 'modules/network.bicep' = if (privateNetwork) {
  params: { name: '${name}-net', location: location }
}
module host 'modules/host-storage.bicep' = {
  params: {
    name: take('${name}host${suffix}', 24)
    location: location
    logs: monitor.outputs.workspaceId
    publicAccess: !privateNetwork
  }
}
module archive 'modules/archive-storage.bicep' = {
  params: {
    name: take('${name}${suffix}', 24)
    location: location
    container: container
    keepVersionsDays: keepVersionsDays
    coldAfterDays: coldAfterDays
    immutableDays: immutableDays
    deleteLock: deleteLock
    logs: monitor.outputs.workspaceId
    publicAccess: !privateNetwork
  }
}
module vault 'modules/vault.bicep' = {
  params: {
    name: take('${name}-${suffix}', 24)
    location: location
    logs: monitor.outputs.workspaceId
    publicAccess: !privateNetwork
  }
}
module scheduler 'modules/scheduler.bicep' = if (durableTaskScheduler) {
  params: { name: '${name}-dts', location: location }
}
module endpoints 'modules/endpoints.bicep' = if (privateNetwork) {
  params: {
    name: name
    location: location
    subnetId: network!.outputs.endpointSubnetId
    networkId: network!.outputs.id
    hostStorageId: host.outputs.id
    archiveStorageId: archive.outputs.id
    vaultId: vault.outputs.id
  }
}
module roles 'modules/roles.bicep' = {
  params: {
    principalId: identity.outputs.principalId
    hostStorage: host.outputs.name
    archiveStorage: archive.outputs.name
    container: container
    vault: vault.outputs.name
    insights: monitor.outputs.insightsName
    scheduler: durableTaskScheduler ? scheduler!.outputs.name : ''
    readers: readers
  }
}
module app 'modules/app.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    hostStorage: host.outputs.name
    deploymentContainer: host.outputs.deploymentContainer
    store: '${archive.outputs.blobEndpoint}${container}'
    vaultUrl: vault.outputs.url
    insightsConnection: monitor.outputs.insightsConnection
    schedulerEndpoint: durableTaskScheduler ? scheduler!.outputs.endpoint : ''
    schedulerHub: durableTaskScheduler ? scheduler!.outputs.hub : ''
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    settings: settings
    logs: monitor.outputs.workspaceId
  }
  dependsOn: [roles]
}
module alarms 'modules/alarms.bicep' = {
  params: {
    name: name
    location: location
    insightsId: monitor.outputs.insightsId
    workspaceId: monitor.outputs.workspaceId
    email: alarmEmail
  }
}
module workbook 'modules/workbook.bicep' = {
  params: { location: location, insightsId: monitor.outputs.insightsId }
}

output app string = app.outputs.name
output store string = '${archive.outputs.blobEndpoint}${container}'
output vault string = vault.outputs.name
