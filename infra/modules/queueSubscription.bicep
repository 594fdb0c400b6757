import { eventStorage } from '../types.bicep'

@description('The name of the subscription.')
param name string

@description('The topic that is subscribed to.')
param topicName string

@description('The types of the events that are wanted; none stands for all of the topic.')
param includedEventTypes string[] = []

@description('The queue that gets them.')
param queueName string

@description('Where the queue and the dead letters are.')
param storage eventStorage

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storage.accountName
}

resource deliveryIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: storage.deliveryIdentityName
}

resource subscription 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: { includedEventTypes: empty(includedEventTypes) ? null : includedEventTypes }
    deliveryWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: deliveryIdentity.id }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          queueName: queueName
          resourceId: account.id
        }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: deliveryIdentity.id }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          blobContainerName: storage.deadLetterContainer
          resourceId: account.id
        }
      }
    }
  }
}
