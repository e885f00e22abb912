param name string
param location string

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: name
  location: location
  properties: { sku: { name: 'Consumption' }, ipAllowlist: ['0.0.0.0/0'] }

  resource hub 'taskHubs' = {
    name: 'agobackup'
  }
}

output name string = scheduler.name
output endpoint string = scheduler.properties.endpoint
output hub string = scheduler::hub.name
