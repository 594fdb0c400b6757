import { roles } from '../roles.bicep'

@description('The name of the workflow.')
param name string

@description('The region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Where the API of QuantaPilot is reached.')
param apiUrl string

@description('The id of the team that decides.')
param teamId string

@description('The id of the channel that the cards are posted to.')
param channelId string

@description('The storage account of the queue.')
param storageAccountName string

@description('The queue that Event Grid delivers gate_requested to.')
param queueName string

@description('The vault.')
param vaultName string

@description('The secret with the API token that decisions are sent with.')
param tokenSecretName string

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' existing = {
  name: '${storageAccountName}/default/${queueName}'
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName

  resource token 'secrets' existing = {
    name: tokenSecretName
  }
}

resource queueConnection 'Microsoft.Web/connections@2016-06-01' = {
  name: '${name}-queue'
  location: location
  tags: tags
  properties: {
    displayName: 'QuantaPilot gates (managed identity)'
    api: { id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'azurequeues') }
    // Missing in the published types:
    // https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity
    #disable-next-line BCP089
    parameterValueSet: { name: 'managedIdentityAuth', values: {} }
  }
}

resource teamsConnection 'Microsoft.Web/connections@2016-06-01' = {
  name: '${name}-teams'
  location: location
  tags: tags
  properties: {
    displayName: 'QuantaPilot gates in Teams'
    api: { id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'teams') }
  }
}

resource workflow 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: loadJsonContent('../../scripts/teams/logic-app.json')
    parameters: {
      '$connections': {
        value: {
          azurequeues: {
            id: queueConnection.properties.api.id
            connectionId: queueConnection.id
            connectionName: queueConnection.name
            connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } }
          }
          teams: {
            id: teamsConnection.properties.api.id
            connectionId: teamsConnection.id
            connectionName: teamsConnection.name
          }
        }
      }
      apiUrl: { value: apiUrl }
      storageAccount: { value: storageAccountName }
      queue: { value: queueName }
      tokenSecretUrl: { value: '${vault.properties.vaultUri}secrets/${tokenSecretName}' }
      teamId: { value: teamId }
      channelId: { value: channelId }
    }
  }
}

// Takes messages and deletes them, in this queue only.
resource queueRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(queue.id, workflow.id, roles.storageQueueDataMessageProcessor)
  scope: queue
  properties: {
    principalId: workflow.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageProcessor
    )
  }
}

resource tokenRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::token.id, workflow.id, roles.keyVaultSecretsUser)
  scope: vault::token
  properties: {
    principalId: workflow.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

@description('Where the Teams connection is authorised, once, by a person: Edit API connection, Authorize, Save.')
output authorizeUrl string = '${environment().portal}/#@${tenant().tenantId}/resource${teamsConnection.id}/edit'
