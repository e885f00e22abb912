// The one identity of the app. It is made before the app, so that its roles are there when the app starts.
param name string
param location string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = { name: name, location: location }

output id string = identity.id
output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
