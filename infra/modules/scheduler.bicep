// https://learn.microsoft.com/azure/azure-functions/durable/durable-task-scheduler/durable-task-scheduler
param name string
param location string

// That of host.json.
@export()
var hub = 'agobackup'

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: name
  location: location
  // Open to every address, like the rest of Azure's own endpoints; who may use it, the identity decides.
  properties: { sku: { name: 'Consumption' }, ipAllowlist: ['0.0.0.0/0'] }

  resource taskHub 'taskHubs' = { name: hub }
}

output endpoint string = scheduler.properties.endpoint
