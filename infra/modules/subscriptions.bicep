import { eventStorage } from '../types.bicep'

@description('The topics that are subscribed to.')
param topicNames string[]

@description('The queue that all events go to; empty for none.')
param queueName string

@description('Where all events are posted to; empty for nowhere.')
@secure()
param webhookUrl string

@description('The header of those posts that tells the receiver who is calling.')
param webhookHeader string

@description('The value of that header.')
@secure()
param webhookSecret string

@description('The topic with the gates that Teams decides; empty for none.')
param teamsTopicName string

@description('The queue that Teams gets them from.')
param teamsQueueName string

@description('Where the queues and the dead letters are.')
param storage eventStorage

module queue 'queueSubscription.bicep' = [
  for topicName in topicNames: if (!empty(queueName)) {
    params: {
      name: 'queue'
      topicName: topicName
      queueName: queueName
      storage: storage
    }
  }
]

module webhook 'webhookSubscription.bicep' = [
  for topicName in topicNames: if (!empty(webhookUrl)) {
    params: {
      name: 'webhook'
      topicName: topicName
      url: webhookUrl
      headerName: webhookHeader
      secret: webhookSecret
      storage: storage
    }
  }
]

module teams 'queueSubscription.bicep' = if (!empty(teamsTopicName)) {
  params: {
    name: 'teams'
    topicName: teamsTopicName
    includedEventTypes: ['quantapilot.gate_requested']
    queueName: teamsQueueName
    storage: storage
  }
}
