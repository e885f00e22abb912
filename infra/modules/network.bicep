// 10.20.0.0/24 is used inside only; nothing is peered with it.
param name string
param location string
@description('What the app runs on joins the network as another kind of guest.')
param isFlex bool

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/24'] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: '10.20.0.0/26'
          delegations: [
            {
              name: isFlex ? 'flex' : 'plan'
              properties: { serviceName: isFlex ? 'Microsoft.App/environments' : 'Microsoft.Web/serverFarms' }
            }
          ]
        }
      }
      { name: 'endpoints', properties: { addressPrefix: '10.20.0.64/26' } }
    ]
  }
}

output id string = network.id
output appSubnetId string = network.properties.subnets[0].id
output endpointSubnetId string = network.properties.subnets[1].id
