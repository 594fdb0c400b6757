import { roles } from '../roles.bicep'

@description('The names of the topics.')
param names string[]

@description('The region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('The app\'s identity: it publishes.')
param appIdentityName string

@description('The principal of the app\'s identity.')
param appPrincipalId string

@description('The identity that the topics deliver and dead-letter with.')
param deliveryIdentityName string

resource deliveryIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: deliveryIdentityName
}

resource topics 'Microsoft.EventGrid/topics@2025-02-15' = [
  for name in names: {
    name: name
    location: location
    tags: tags
    identity: {
      type: 'UserAssigned'
      userAssignedIdentities: { '${deliveryIdentity.id}': {} }
    }
    properties: {
      disableLocalAuth: true
      inputSchema: 'CloudEventSchemaV1_0'
      minimumTlsVersionAllowed: '1.2'
    }
  }
]

resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in names: {
    name: guid(topics[i].id, appIdentityName, roles.eventGridDataSender)
    scope: topics[i]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventGridDataSender)
    }
  }
]

@description('Where the topics take events, in their order.')
output endpoints string[] = [for (name, i) in names: topics[i].properties.endpoint]
