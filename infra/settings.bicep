import { entraOptions, eventStorage, eventTopic } from 'types.bicep'
import { vaultReference } from 'secrets.bicep'

@export()
@description('The topics that there are by default.')
var gatesAndLifecycle = [
  {
    name: 'gates'
    eventTypes: ['gate_requested', 'gate_decision']
  }
  {
    name: 'lifecycle'
    eventTypes: [
      'run_started'
      'documentation_generated'
      'milestone_completed'
      'run_paused'
      'run_resumed'
      'run_failed'
      'run_completed'
    ]
  }
]

@description('The settings that say which repositories may be used.')
func repositorySettings(globs string[]) { *: string } =>
  toObject(range(0, length(globs)), i => 'QuantaPilot__AllowedRepositories__${i}', i => globs[i])

@description('The settings that have Entra ID tokens accepted; none if none are to be.')
func entraSettings(entra entraOptions?) { *: string } =>
  entra == null
    ? {}
    : union(
        {
          QuantaPilot__Entra__Authority: entra!.authority
          QuantaPilot__Entra__Audience: entra!.audience
        },
        toObject(
          range(0, length(entra!.?projects ?? [])),
          i => 'QuantaPilot__Entra__Projects__${i}',
          i => entra!.projects![i]
        )
      )

@export()
@description('The settings that say for which repositories requests are taken, and from whom besides the holders of API tokens.')
func requestSettings(repositories string[], entra entraOptions?) { *: string } =>
  union(repositorySettings(repositories), entraSettings(entra))

@export()
@description('The settings that say which hosts webhooks may go to wherever they are.')
func webhookSettings(hosts string[]) { *: string } =>
  toObject(range(0, length(hosts)), i => 'QuantaPilot__Webhooks__AllowedHosts__${i}', i => hosts[i])

@export()
@description('The settings that name the topics and the events that each gets; their endpoints are known after they are deployed.')
func topicSettings(topics eventTopic[]) { *: string } =>
  union(
    toObject(range(0, length(topics)), i => 'QuantaPilot__EventGrid__Topics__${i}__Name', i => topics[i].name),
    toObject(
      flatten(map(
        range(0, length(topics)),
        i =>
          map(range(0, length(topics[i].eventTypes)), j => {
            name: 'QuantaPilot__EventGrid__Topics__${i}__EventTypes__${j}'
            value: topics[i].eventTypes[j]
          })
      )),
      setting => setting.name,
      setting => setting.value
    )
  )

@description('The topics that get gate_requested.')
func topicsOfGates(topics eventTopic[]) eventTopic[] =>
  filter(topics, topic => empty(topic.eventTypes) || contains(topic.eventTypes, 'gate_requested'))

@export()
@description('The short name of the topic that Teams gets gates from.')
func gatesTopic(topics eventTopic[]) string =>
  first(map(topicsOfGates(topics), topic => topic.name)) ?? fail('Teams needs a topic that gets gate_requested.')

@export()
@description('The settings of git\'s credentials. They are in the vault.')
func gitSettings(urlPrefix string, names { *: string }) { *: string } => {
  QuantaPilot__Git__UrlPrefix: urlPrefix
  QuantaPilot__Git__Username: vaultReference(names.vault, names.gitUsernameSecret)
  QuantaPilot__Git__Password: vaultReference(names.vault, names.gitPasswordSecret)
}

@export()
@description('The settings that lead to a Durable Task Scheduler.')
func schedulerSettings(endpoint string, clientId string) { name: string, value: string }[] => [
  {
    name: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
    value: 'Endpoint=${endpoint};Authentication=ManagedIdentity;ClientID=${clientId}'
  }
]

@export()
@description('The settings that say who the app is.')
func identitySettings(clientId string, applicationInsights string) { name: string, value: string }[] => [
  { name: 'AZURE_CLIENT_ID', value: clientId }
  { name: 'AzureWebJobsStorage__clientId', value: clientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: applicationInsights }
  {
    name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
    value: 'ClientId=${clientId};Authorization=AAD'
  }
]

@export()
@description('The settings of the storage account, for the host and for the app.')
func storageSettings(account string, tablePrefix string) { *: string } => {
  AzureWebJobsStorage__accountName: account
  AzureWebJobsStorage__credential: 'managedidentity'
  QuantaPilot__Storage__AccountName: account
  QuantaPilot__Storage__TablePrefix: tablePrefix
}

@export()
@description('What subscriptions need to know of the storage account.')
func subscriptionStorage(names { *: string }) eventStorage => {
  accountName: names.storage
  deadLetterContainer: names.deadLetterContainer
  deliveryIdentityName: names.deliveryIdentity
}
