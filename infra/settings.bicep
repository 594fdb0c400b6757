import { agentOptions, chatModel, entraOptions, eventStorage, eventTopic, rateLimitOptions } from 'types.bicep'

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

@export()
@description('A setting whose value the platform reads from a vault with the app\'s identity.')
func vaultReference(vaultName string, secretName string) string =>
  '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${secretName})'

@description('The settings that say which repositories may be used.')
func repositorySettings(globs string[]) { *: string } =>
  toObject(range(0, length(globs)), i => 'QuantaPilot__AllowedRepositories__${i}', i => globs[i])

@description('A number as the value of a setting; null if there is none.')
func numberText(number int?) string? => number == null ? null : string(number!)

@description('The settings of the limits; null stands for one that is left out.')
func rateLimitSettings(limits rateLimitOptions) { *: string? } => {
  QuantaPilot__RateLimits__TriggersPerMinute: numberText(limits.?triggersPerMinute)
  QuantaPilot__RateLimits__DecisionsPerMinute: numberText(limits.?decisionsPerMinute)
  QuantaPilot__RateLimits__WritesPerMinute: numberText(limits.?writesPerMinute)
  QuantaPilot__RateLimits__ReadsPerMinute: numberText(limits.?readsPerMinute)
  QuantaPilot__RateLimits__FailedAuthenticationsPerMinute: numberText(limits.?failedAuthenticationsPerMinute)
}

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
@description('The settings that say which requests are taken, and from whom; null stands for one that is left out.')
func requestSettings(repositories string[], limits rateLimitOptions, entra entraOptions?) { *: string? } =>
  union(repositorySettings(repositories), rateLimitSettings(limits), entraSettings(entra))

@export()
@description('The settings that say which hosts webhooks may go to wherever they are.')
func webhookSettings(hosts string[]) { *: string } =>
  toObject(range(0, length(hosts)), i => 'QuantaPilot__Webhooks__AllowedHosts__${i}', i => hosts[i])

@export()
@description('The settings that name a model; null stands for one that is left out.')
func chatSettings(chat chatModel?, key string) { *: string? } =>
  chat == null
    ? {}
    : union(
        {
          QuantaPilot__Chat__0__Name: 'default'
          QuantaPilot__Chat__0__Endpoint: chat!.url
          QuantaPilot__Chat__0__Model: chat!.model
          QuantaPilot__Chat__0__Key: chat!.takesKey ? key : null
          QuantaPilot__Chat__0__InputUsdPerMillion: chat!.?inputUsdPerMillion
          QuantaPilot__Chat__0__OutputUsdPerMillion: chat!.?outputUsdPerMillion
        },
        toObject(
          range(0, length(chat!.?projects ?? [])),
          i => 'QuantaPilot__Chat__0__Projects__${i}',
          i => chat!.projects![i]
        )
      )

@export()
@description('The name in the vault of an agent\'s secret.')
func agentSecretName(agent string) string => 'agent-${replace(agent, '_', '-')}'

@export()
@description('The settings that name agents elsewhere. Their secrets are in the vault.')
func agentSettings(agents agentOptions[], vaultName string) { *: string } =>
  union(
    toObject(range(0, length(agents)), i => 'QuantaPilot__Agents__${i}__Name', i => agents[i].name),
    toObject(range(0, length(agents)), i => 'QuantaPilot__Agents__${i}__Url', i => agents[i].url),
    toObject(
      range(0, length(agents)),
      i => 'QuantaPilot__Agents__${i}__Secret',
      i => vaultReference(vaultName, agentSecretName(agents[i].name))
    ),
    toObject(
      flatten(map(
        range(0, length(agents)),
        i =>
          map(range(0, length(agents[i].?projects ?? [])), j => {
            name: 'QuantaPilot__Agents__${i}__Projects__${j}'
            value: agents[i].projects![j]
          })
      )),
      setting => setting.name,
      setting => setting.value
    )
  )

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
@description('The settings of a host of GitHub\'s; null stands for one that is left out. Secrets are in the vault.')
func gitHubSettings(host string, credentials string, appId string, names { *: string }) { *: string? } => {
  QuantaPilot__GitHub__0__Host: credentials == 'None' ? null : host
  QuantaPilot__GitHub__0__Token: credentials == 'Token' ? vaultReference(names.vault, names.gitHubTokenSecret) : null
  QuantaPilot__GitHub__0__AppId: credentials == 'App' ? appId : null
  QuantaPilot__GitHub__0__PrivateKey: credentials == 'App' ? vaultReference(names.vault, names.gitHubKeySecret) : null
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
@description('The secrets that the app reads.')
func secretNames(
  bootstrap bool,
  chat bool,
  git bool,
  gitHubCredentials string,
  agents agentOptions[],
  names { *: string }
) string[] =>
  union(
    bootstrap ? [names.bootstrapSecret] : [],
    chat ? [names.chatKeySecret] : [],
    git ? [names.gitUsernameSecret, names.gitPasswordSecret] : [],
    gitHubCredentials == 'Token' ? [names.gitHubTokenSecret] : [],
    gitHubCredentials == 'App' ? [names.gitHubKeySecret] : [],
    map(agents, agent => agentSecretName(agent.name))
  )

@export()
@description('What subscriptions need to know of the storage account.')
func subscriptionStorage(names { *: string }) eventStorage => {
  accountName: names.storage
  deadLetterContainer: names.deadLetterContainer
  deliveryIdentityName: names.deliveryIdentity
}
