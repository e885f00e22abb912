param name string
param location string
param subnetId string
param networkId string
param hostStorageId string
param archiveStorageId string
param vaultId string

var suffix = environment().suffixes.storage
var targets = [
  { key: 'host-blob', id: hostStorageId, group: 'blob', zone: 0 }
  { key: 'host-queue', id: hostStorageId, group: 'queue', zone: 1 }
  { key: 'host-table', id: hostStorageId, group: 'table', zone: 2 }
  { key: 'archive-blob', id: archiveStorageId, group: 'blob', zone: 0 }
  { key: 'vault', id: vaultId, group: 'vault', zone: 3 }
]
var zoneNames = [
  'privatelink.blob.${suffix}'
  'privatelink.queue.${suffix}'
  'privatelink.table.${suffix}'
  'privatelink.vaultcore.azure.net'
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
  }
]
resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, n) in zoneNames: {
    parent: zones[n]
    name: name
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
]
resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for target in targets: {
    name: '${name}-${target.key}'
    location: location
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        // The ids come as parameters, through the table above.
        #disable-next-line use-resource-id-functions
        { name: target.key, properties: { privateLinkServiceId: target.id, groupIds: [target.group] } }
      ]
    }
  }
]
resource groups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (target, n) in targets: {
    parent: endpoints[n]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: target.group, properties: { privateDnsZoneId: zones[target.zone].id } }]
    }
  }
]
