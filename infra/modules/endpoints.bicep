// A private endpoint for each service that the app talks to, and the DNS zones that lead to them.
param name string
param location string
param networkId string
param subnetId string
param hostStorageId string
param archiveStorageId string
param vaultId string

var storage = environment().suffixes.storage
var zoneNames = {
  blob: 'privatelink.blob.${storage}'
  queue: 'privatelink.queue.${storage}'
  table: 'privatelink.table.${storage}'
  // .vault.azure.net, and what it is in other clouds
  vault: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
}
var targets = [
  { key: 'host-blob', id: hostStorageId, group: 'blob' }
  { key: 'host-queue', id: hostStorageId, group: 'queue' }
  { key: 'host-table', id: hostStorageId, group: 'table' }
  { key: 'archive-blob', id: archiveStorageId, group: 'blob' }
  { key: 'vault', id: vaultId, group: 'vault' }
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zoneNames): { name: zone.value, location: 'global' }
]
resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, n) in items(zoneNames): {
    parent: zones[n]
    name: name
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
]
resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
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
resource groups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (target, n) in targets: {
    parent: endpoints[n]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: target.group
          properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', zoneNames[target.group]) }
        }
      ]
    }
    dependsOn: [zones]
  }
]
