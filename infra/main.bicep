targetScope = 'subscription'

import * as types from 'types.bicep'
import * as settings from 'settings.bicep'
import * as secrets from 'secrets.bicep'
import { agentSettings, chatSettings } from 'agents.bicep'
import { gitHubSettings } from 'gitHub.bicep'
import { limitSettings } from 'limits.bicep'
import { resourceNames } from 'names.bicep'

@description('The name of the environment. Resource names are derived from it, the subscription and the region.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region of everything. It must offer Flex Consumption: az functionapp list-flexconsumption-locations')
@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('The most instances that the app is scaled out to.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Memory of an instance, in MB. Processors and bandwidth come in proportion.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('HTTP requests that an instance takes at a time. Event streams idle mostly, so more than the platform\'s default.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100

@description('Instances that are kept running, and paid for, while nothing happens. One for durable spares runs the cold start.')
param alwaysReady types.alwaysReadyGroup[] = []

@description('What an update does to running instances: drains them batch by batch (in preview), or stops them all. Runs survive both.')
param updateStrategy 'RollingUpdate' | 'Recreate' = 'RollingUpdate'

@description('Begins the names of the product\'s tables.')
param tablePrefix string = 'QuantaPilot'

@description('Globs over the URLs of the repositories that runs may use.')
param allowedRepositories string[] = ['https://*']

@description('Hosts that webhooks of the app may go to wherever they are, also over http. Others must be at a public address, over https.')
param allowedWebhookHosts string[] = []

@description('Agents elsewhere that tasks may be given to.')
param agents types.agentOptions[] = []

@description('Their secrets by their names: whsec_ and 24 to 64 bytes in base64.')
@secure()
param agentSecrets { *: string } = {}

@description('Where agents elsewhere answer. Empty for the app\'s own host name.')
param publicUrl string = ''

@description('Days that runs are kept after their end, with events and history. 0 keeps everything.')
@minValue(0)
param retentionDays int = 90

@description('Requests per minute.')
param rateLimits types.rateLimitOptions = {}

@description('How many runs work at the same time.')
param concurrency types.concurrencyOptions = {}

@description('What runs may use up in a day. All whose globs cover a project hold.')
param dailyLimits types.dailyLimit[] = []

@description('Whether GET /metrics answers, with what the instance that is asked has counted.')
param metrics bool = false

@description('The Entra ID tokens that are accepted besides API tokens. Null for none.')
param entra types.entraOptions?

@description('Whether the app accepts bootstrapToken. Without it nobody gets in before another token was made.')
param bootstrap bool

@description('An admin token: qp_ and 43 characters of base64url (256 random bits).')
@secure()
param bootstrapToken string

@description('The URLs that the git credentials are sent to, by their beginning.')
param gitUrlPrefix string = 'https://github.com'

@description('The user name for git over HTTPS. Empty for repositories that take no credentials.')
param gitUsername string = ''

@description('The password or access token for git over HTTPS.')
@secure()
param gitPassword string = ''

@description('The host of GitHub whose repositories have their pull requests there, and its webhooks.')
param gitHub types.gitHubOptions = { host: 'github.com', credentials: 'None', webhooks: false }

@description('A personal access token for that host.')
@secure()
param gitHubToken string = ''

@description('The private key of the GitHub App, PEM.')
@secure()
param gitHubPrivateKey string = ''

@description('What GitHub signs its webhooks with: 16 characters or more.')
@secure()
param gitHubWebhookSecret string = ''

@description('What it signed them with before.')
@secure()
param gitHubFormerWebhookSecret string = ''

@description('Models that chat agents may use.')
param chat types.chatModel[] = []

@description('The keys of their endpoints by their names.')
@secure()
param chatKeys { *: string } = {}

@description('Where telemetry goes besides Application Insights, by OTLP. Empty for nowhere.')
param otlpEndpoint string = ''

@description('Days that telemetry is kept.')
@minValue(30)
@maxValue(730)
param telemetryDays int = 30

@description('Days that a deleted vault or secret can be recovered and its name is taken. Can\'t be changed later.')
@minValue(7)
@maxValue(90)
param softDeleteDays int = 90

@description('Event Grid topics with the events that each gets.')
param eventTopics types.eventTopic[] = settings.gatesAndLifecycle

@description('Sample: all events also go to the storage queue named events.')
param eventQueue bool = false

@description('Sample: all events are also posted here. It must answer the validation handshake of CloudEvents. Empty for nowhere.')
@secure()
param webhookUrl string = ''

@description('Sample: the header of those posts that tells the receiver who is calling.')
param webhookHeader string = 'X-QuantaPilot-Secret'

@description('Sample: the value of that header.')
@secure()
param webhookSecret string = ''

@description('A Durable Task Scheduler to keep orchestrations in instead of the storage account. host.json has to name it as well.')
param taskScheduler 'None' | 'Consumption' | 'Dedicated' = 'None'

@description('The region of the scheduler, which not every region offers.')
param taskSchedulerLocation string = location

@description('The task hub in the scheduler: hubName in host.json.')
@minLength(3)
@maxLength(64)
param taskHubName string = 'QuantaPilot'

@description('The channel in Microsoft Teams that decides at gates. Null for none.')
param teams types.teamsChannel?

@description('An API token with the role approver, which decisions are sent with. Empty leaves the vault\'s.')
@secure()
param teamsApproverToken string = ''

@description('Ends the names of the resources.')
var token = uniqueString(subscription().id, environmentName, location)

@description('Tags of all resources; azd finds the environment by them.')
var tags = { 'azd-env-name': environmentName }

@description('Names that several modules use.')
var names = resourceNames(token)

@description('The topics\' names on Azure.')
var topicNames = [for topic in eventTopics: 'evgt-${topic.name}-${token}']

@description('The secrets that the app reads and that have a value.')
var appSecretNames = secrets.secretNames(bootstrap, !empty(gitUsername), gitHub, chat, agents, names)

@description('Settings of the app that are known before anything is deployed; null stands for one that is left out.')
var knownSettings = union(
  settings.storageSettings(names.storage, tablePrefix),
  settings.requestSettings(allowedRepositories, entra),
  limitSettings(rateLimits, concurrency, dailyLimits),
  settings.topicSettings(eventTopics),
  settings.webhookSettings(allowedWebhookHosts),
  chatSettings(chat, names.vault),
  agentSettings(agents, names.vault),
  empty(gitUsername) ? {} : settings.gitSettings(gitUrlPrefix, names),
  gitHubSettings(gitHub, names),
  {
    QuantaPilot__BootstrapToken: bootstrap ? secrets.vaultReference(names.vault, names.bootstrapSecret) : null
    QuantaPilot__PublicUrl: empty(publicUrl) ? null : publicUrl
    QuantaPilot__Retention__Days: retentionDays
    QuantaPilot__Metrics: metrics ? 'true' : null
    OTEL_EXPORTER_OTLP_ENDPOINT: empty(otlpEndpoint) ? null : otlpEndpoint
  }
)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module appIdentity 'modules/identity.bicep' = {
  scope: group
  params: { name: names.appIdentity, location: location, tags: tags }
}

module deliveryIdentity 'modules/identity.bicep' = {
  scope: group
  params: { name: names.deliveryIdentity, location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: names.storage
    location: location
    tags: tags
    packageContainer: names.packageContainer
    deadLetterContainer: names.deadLetterContainer
    queues: union(eventQueue ? [names.eventQueue] : [], teams == null ? [] : [names.teamsQueue])
    appIdentityName: names.appIdentity
    appPrincipalId: appIdentity.outputs.principalId
    deliveryIdentityName: names.deliveryIdentity
    deliveryPrincipalId: deliveryIdentity.outputs.principalId
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-quantapilot-${token}'
    componentName: 'appi-quantapilot-${token}'
    location: location
    tags: tags
    retentionDays: telemetryDays
    appIdentityName: names.appIdentity
    appPrincipalId: appIdentity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: names.vault
    location: location
    tags: tags
    softDeleteDays: softDeleteDays
    appSecrets: union(
      {
        '${names.bootstrapSecret}': bootstrapToken
        '${names.gitUsernameSecret}': gitUsername
        '${names.gitPasswordSecret}': gitPassword
        '${names.gitHubTokenSecret}': gitHubToken
        '${names.gitHubKeySecret}': gitHubPrivateKey
        '${names.gitHubWebhookSecret}': gitHubWebhookSecret
        '${names.gitHubFormerWebhookSecret}': gitHubFormerWebhookSecret
      },
      toObject(
        filter(chat, model => model.takesKey),
        model => secrets.chatSecretName(model.name),
        model => chatKeys[model.name]
      ),
      toObject(agents, agent => secrets.agentSecretName(agent.name), agent => agentSecrets[agent.name])
    )
    appSecretNames: appSecretNames
    approverSecretName: names.approverSecret
    approverToken: teamsApproverToken
    appIdentityName: names.appIdentity
    appPrincipalId: appIdentity.outputs.principalId
  }
}

module topics 'modules/topics.bicep' = {
  scope: group
  params: {
    names: topicNames
    location: location
    tags: tags
    appIdentityName: names.appIdentity
    appPrincipalId: appIdentity.outputs.principalId
    deliveryIdentityName: names.deliveryIdentity
  }
  dependsOn: [deliveryIdentity]
}

module scheduler 'modules/taskScheduler.bicep' = if (taskScheduler != 'None') {
  scope: group
  params: {
    name: 'dts-quantapilot-${token}'
    taskHubName: taskHubName
    location: taskSchedulerLocation
    tags: tags
    sku: taskScheduler == 'Dedicated' ? 'Dedicated' : 'Consumption'
    appIdentityName: names.appIdentity
    appPrincipalId: appIdentity.outputs.principalId
  }
}

module app 'modules/functionApp.bicep' = {
  scope: group
  params: {
    name: names.app
    planName: 'plan-quantapilot-${token}'
    location: location
    tags: tags
    serviceName: 'quantapilot'
    identityName: names.appIdentity
    storageAccountName: names.storage
    packageContainer: names.packageContainer
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
    alwaysReady: alwaysReady
    updateStrategy: updateStrategy
    settings: [
      ...map(filter(items(knownSettings), setting => setting.value != null), setting => {
        name: setting.key
        value: string(setting.value)
      })
      ...map(range(0, length(eventTopics)), i => {
        name: 'QuantaPilot__EventGrid__Topics__${i}__Endpoint'
        value: topics.outputs.endpoints[i]
      })
      ...(taskScheduler == 'None'
        ? []
        : settings.schedulerSettings(scheduler!.outputs.endpoint, appIdentity.outputs.clientId))
      ...settings.identitySettings(appIdentity.outputs.clientId, monitoring.outputs.connectionString)
    ]
  }
  // The host needs its roles from the first start on, and the references their secrets.
  dependsOn: [storage, vault]
}

module subscriptions 'modules/subscriptions.bicep' = {
  scope: group
  params: {
    topicNames: topicNames
    queueName: eventQueue ? names.eventQueue : ''
    webhookUrl: webhookUrl
    webhookHeader: webhookHeader
    webhookSecret: webhookSecret
    teamsTopicName: teams == null ? '' : 'evgt-${settings.gatesTopic(eventTopics)}-${token}'
    teamsQueueName: names.teamsQueue
    storage: settings.subscriptionStorage(names)
  }
  dependsOn: [storage, topics]
}

module teamsWorkflow 'modules/teams.bicep' = if (teams != null) {
  scope: group
  params: {
    name: 'logic-quantapilot-${token}'
    location: location
    tags: tags
    apiUrl: app.outputs.url
    teamId: teams!.teamId
    channelId: teams!.channelId
    storageAccountName: names.storage
    queueName: names.teamsQueue
    vaultName: names.vault
    tokenSecretName: names.approverSecret
  }
  dependsOn: [storage, vault]
}

@description('Where the API is reached.')
output QUANTAPILOT_URL string = app.outputs.url

@description('The function app.')
output AZURE_FUNCTION_NAME string = names.app

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The vault with the tokens.')
output AZURE_KEY_VAULT_NAME string = names.vault

@description('Where a person authorises the Teams connection, once; empty without Teams.')
output TEAMS_AUTHORIZE_URL string = teams != null ? teamsWorkflow!.outputs.authorizeUrl : ''
