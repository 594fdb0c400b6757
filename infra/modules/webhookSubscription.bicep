import { eventStorage } from '../types.bicep'

@description('The name of the subscription.')
param name string

@description('The topic that is subscribed to.')
param topicName string

@description('Where events are posted to: https. It must answer the validation handshake of CloudEvents (OPTIONS, WebHook-Request-Origin).')
@secure()
param url string

@description('The header that tells the receiver who is calling.')
param headerName string

@description('The value of that header.')
@secure()
param secret string

@description('Where the dead letters go.')
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
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: url
        minimumTlsVersionAllowed: '1.2'
        deliveryAttributeMappings: [
          {
            name: headerName
            type: 'Static'
            properties: { isSecret: true, value: secret }
          }
        ]
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
