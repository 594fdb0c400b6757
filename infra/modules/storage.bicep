import { roles } from '../roles.bicep'

@description('The name of the storage account: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('The region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('The container that the app\'s package is deployed to.')
param packageContainer string

@description('The container that Event Grid leaves undelivered events in.')
param deadLetterContainer string

@description('Queues that Event Grid delivers to.')
param queues string[]

@description('The app\'s identity.')
param appIdentityName string

@description('The principal of the app\'s identity.')
param appPrincipalId string

@description('The identity that Event Grid delivers with.')
param deliveryIdentityName string

@description('The principal of the identity that Event Grid delivers with.')
param deliveryPrincipalId string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: packageContainer
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: deadLetterContainer
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource eventQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queue in queues: {
    parent: queueService
    name: queue
  }
]

// The Functions host keeps leases and keys in blobs and makes containers (Owner); Durable keeps its control and work item
// queues, its history and its instances here; the product's runs and events are tables, large rows blobs.
// https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.storageBlobDataOwner, roles.storageQueueDataContributor, roles.storageTableDataContributor]: {
    name: guid(account.id, appIdentityName, role)
    scope: account
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// https://learn.microsoft.com/azure/event-grid/add-identity-roles
resource deadLetterRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(deadLetters.id, deliveryIdentityName, roles.storageBlobDataContributor)
  scope: deadLetters
  properties: {
    principalId: deliveryPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
  }
}

resource queueRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, i) in queues: {
    name: guid(eventQueues[i].id, deliveryIdentityName, roles.storageQueueDataMessageSender)
    scope: eventQueues[i]
    properties: {
      principalId: deliveryPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageQueueDataMessageSender
      )
    }
  }
]
