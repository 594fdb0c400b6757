using 'main.bicep'

// azd sets the first two; the others are set with azd env set NAME VALUE. Only the token has no default: empty
// takes it away, once there are others.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param bootstrap = !empty(readEnvironmentVariable('QUANTAPILOT_BOOTSTRAP_TOKEN'))
param bootstrapToken = readEnvironmentVariable('QUANTAPILOT_BOOTSTRAP_TOKEN')

@description('Instances for orchestrations that are kept running while nothing happens.')
var durableAlwaysReady = int(readEnvironmentVariable('QUANTAPILOT_DURABLE_ALWAYS_READY', '0'))
param alwaysReady = durableAlwaysReady == 0 ? [] : [{ name: 'durable', instanceCount: durableAlwaysReady }]
param maximumInstanceCount = int(readEnvironmentVariable('QUANTAPILOT_MAXIMUM_INSTANCES', '40'))

param allowedRepositories = split(readEnvironmentVariable('QUANTAPILOT_ALLOWED_REPOSITORIES', 'https://*'), ' ')
param gitUrlPrefix = readEnvironmentVariable('QUANTAPILOT_GIT_URL_PREFIX', 'https://github.com')
param gitUsername = readEnvironmentVariable('QUANTAPILOT_GIT_USERNAME', '')
param gitPassword = readEnvironmentVariable('QUANTAPILOT_GIT_PASSWORD', '')
param gitHubToken = readEnvironmentVariable('QUANTAPILOT_GITHUB_TOKEN', '')
param gitHubPrivateKey = readEnvironmentVariable('QUANTAPILOT_GITHUB_PRIVATE_KEY', '')
param gitHubWebhookSecret = readEnvironmentVariable('QUANTAPILOT_GITHUB_WEBHOOK_SECRET', '')
param gitHubFormerWebhookSecret = readEnvironmentVariable('QUANTAPILOT_GITHUB_FORMER_WEBHOOK_SECRET', '')

@description('The id of a GitHub App; without it a token is the credential, if there is one.')
var gitHubAppId = readEnvironmentVariable('QUANTAPILOT_GITHUB_APP_ID', '')
@description('Only an Enterprise Server has its API elsewhere.')
var gitHubApiUrl = readEnvironmentVariable('QUANTAPILOT_GITHUB_API_URL', '')
@description('Whose comments are votes.')
var gitHubApprovers = readEnvironmentVariable('QUANTAPILOT_GITHUB_APPROVERS', '')
param gitHub = {
  host: readEnvironmentVariable('QUANTAPILOT_GITHUB_HOST', 'github.com')
  apiUrl: empty(gitHubApiUrl) ? null : gitHubApiUrl
  credentials: !empty(gitHubAppId)
    ? 'App'
    : empty(readEnvironmentVariable('QUANTAPILOT_GITHUB_TOKEN', '')) ? 'None' : 'Token'
  appId: gitHubAppId
  webhooks: !empty(readEnvironmentVariable('QUANTAPILOT_GITHUB_WEBHOOK_SECRET', ''))
  formerSecret: !empty(readEnvironmentVariable('QUANTAPILOT_GITHUB_FORMER_WEBHOOK_SECRET', ''))
  approvers: empty(gitHubApprovers) ? [] : split(gitHubApprovers, ' ')
}

@description('The issuer of Entra ID tokens that are accepted; without it only API tokens are.')
var entraAuthority = readEnvironmentVariable('QUANTAPILOT_ENTRA_AUTHORITY', '')
@description('Client id or api://… of the app registration that they are for.')
var entraAudience = readEnvironmentVariable('QUANTAPILOT_ENTRA_AUDIENCE', '')
param entra = empty(entraAuthority) ? null : { authority: entraAuthority, audience: entraAudience }

@description('The URL of an OpenAI-compatible endpoint that chat agents may use; without it they have none.')
var chatUrl = readEnvironmentVariable('QUANTAPILOT_CHAT_URL', '')
@description('US dollars per million tokens in, and out.')
var chatPrices = empty(readEnvironmentVariable('QUANTAPILOT_CHAT_INPUT_USD', ''))
  ? {}
  : {
      inputUsdPerMillion: readEnvironmentVariable('QUANTAPILOT_CHAT_INPUT_USD', '')
      outputUsdPerMillion: readEnvironmentVariable('QUANTAPILOT_CHAT_OUTPUT_USD', '')
    }
@description('US dollars per million tokens in that the endpoint had in its cache.')
var chatCachedPrice = empty(readEnvironmentVariable('QUANTAPILOT_CHAT_CACHED_INPUT_USD', ''))
  ? {}
  : { cachedInputUsdPerMillion: readEnvironmentVariable('QUANTAPILOT_CHAT_CACHED_INPUT_USD', '') }
param chat = empty(chatUrl)
  ? []
  : [
      {
        name: 'default'
        url: chatUrl
        model: readEnvironmentVariable('QUANTAPILOT_CHAT_MODEL', '')
        takesKey: !empty(readEnvironmentVariable('QUANTAPILOT_CHAT_KEY', ''))
        ...chatPrices
        ...chatCachedPrice
      }
    ]
param chatKeys = { default: readEnvironmentVariable('QUANTAPILOT_CHAT_KEY', '') }

@description('What quantapilot.yml calls an agent elsewhere; without it there is none.')
var agentName = readEnvironmentVariable('QUANTAPILOT_AGENT_NAME', '')
param agents = empty(agentName) ? [] : [{ name: agentName, url: readEnvironmentVariable('QUANTAPILOT_AGENT_URL', '') }]
param agentSecrets = empty(agentName) ? {} : { '${agentName}': readEnvironmentVariable('QUANTAPILOT_AGENT_SECRET', '') }
param publicUrl = readEnvironmentVariable('QUANTAPILOT_PUBLIC_URL', '')

param concurrency = {
  running: int(readEnvironmentVariable('QUANTAPILOT_RUNNING', '0'))
  runningPerProject: int(readEnvironmentVariable('QUANTAPILOT_RUNNING_PER_PROJECT', '0'))
  runningPerBranch: int(readEnvironmentVariable('QUANTAPILOT_RUNNING_PER_BRANCH', '0'))
}

@description('Tokens that the runs of each project may use up in a day.')
var dailyTokens = readEnvironmentVariable('QUANTAPILOT_DAILY_TOKENS', '')
@description('US dollars that the runs of each project may use up in a day.')
var dailyUsd = readEnvironmentVariable('QUANTAPILOT_DAILY_USD', '')
param dailyLimits = empty(dailyTokens) && empty(dailyUsd)
  ? []
  : [
      {
        project: '*'
        tokens: empty(dailyTokens) ? null : int(dailyTokens)
        usd: empty(dailyUsd) ? null : dailyUsd
      }
    ]
param retentionDays = int(readEnvironmentVariable('QUANTAPILOT_RETENTION_DAYS', '90'))
param metrics = bool(readEnvironmentVariable('QUANTAPILOT_METRICS', 'false'))

param taskScheduler = readEnvironmentVariable('QUANTAPILOT_TASK_SCHEDULER', 'None')

param eventQueue = bool(readEnvironmentVariable('QUANTAPILOT_EVENT_QUEUE', 'false'))
param webhookUrl = readEnvironmentVariable('QUANTAPILOT_WEBHOOK_URL', '')
param webhookSecret = readEnvironmentVariable('QUANTAPILOT_WEBHOOK_SECRET', '')

@description('groupId in the link to the channel; without it gates are not posted to Teams.')
var teamsTeamId = readEnvironmentVariable('QUANTAPILOT_TEAMS_TEAM_ID', '')
@description('19:…@thread.tacv2 in the link to the channel.')
var teamsChannelId = readEnvironmentVariable('QUANTAPILOT_TEAMS_CHANNEL_ID', '')
param teams = empty(teamsTeamId) ? null : { teamId: teamsTeamId, channelId: teamsChannelId }
param teamsApproverToken = readEnvironmentVariable('QUANTAPILOT_TEAMS_APPROVER_TOKEN', '')
