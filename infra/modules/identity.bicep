@description('The name of the identity.')
param name string

@description('The region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('What roles are assigned to.')
output principalId string = identity.properties.principalId

@description('What an app asks for a token with.')
output clientId string = identity.properties.clientId
