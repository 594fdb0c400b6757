@export()
@description('An event by its name in the contract; on the wire its type is quantapilot.{name}.')
type eventName =
  | 'run_started'
  | 'documentation_generated'
  | 'gate_requested'
  | 'gate_decision'
  | 'milestone_completed'
  | 'run_paused'
  | 'run_resumed'
  | 'run_failed'
  | 'run_completed'

@export()
@description('An Event Grid topic that the app publishes to.')
type eventTopic = {
  @description('Its short name: lower-case letters, digits and hyphens. Deliveries are listed under it, so it is kept.')
  @minLength(1)
  @maxLength(20)
  name: string

  @description('The events it gets. None named stands for all.')
  eventTypes: eventName[]
}

@export()
@description('Instances that are kept running, and paid for, while nothing happens.')
type alwaysReadyGroup = {
  @description('http (the API), durable (orchestrations and activities) or function:{name}.')
  name: string

  @description('How many instances.')
  @minValue(0)
  @maxValue(1000)
  instanceCount: int
}

@export()
@description('Requests per minute, counted over all instances. What is left out keeps the app\'s default; 0 sets no limit.')
type rateLimitOptions = {
  @description('POST /run, per token.')
  triggersPerMinute: int?

  @description('Decisions at gates, per token.')
  decisionsPerMinute: int?

  @description('Requests other than GET, per token.')
  writesPerMinute: int?

  @description('GET, per token.')
  readsPerMinute: int?

  @description('Requests without a valid token, per source address.')
  failedAuthenticationsPerMinute: int?

  @description('Proxies in front of the app whose word on the source address is taken. Default: 1, Azure\'s front end.')
  trustedProxies: int?
}

@export()
@description('How many runs work at the same time, over all instances; others are queued. What is left out or 0 sets no limit.')
type concurrencyOptions = {
  @description('Runs of all projects.')
  running: int?

  @description('Runs of one project.')
  runningPerProject: int?

  @description('Runs that have begun and not ended on one branch, those at gates and paused ones included.')
  runningPerBranch: int?
}

@export()
@description('What the runs of each project may use up in a day (UTC): tokens, US dollars or both.')
type dailyLimit = {
  @description('A glob over the projects, such as https://github.com/my-org/*.')
  @minLength(1)
  project: string

  @description('Tokens, from 1.')
  @minValue(1)
  tokens: int?

  @description('US dollars above 0, such as 20 or 0.50.')
  usd: string?
}

@export()
@description('A host of GitHub\'s: how the app proves itself there, and what is taken from its webhooks.')
type gitHubOptions = {
  @description('The host whose repositories have their pull requests there: github.com, or that of an Enterprise Server.')
  host: string

  @description('The URL of its API, for an Enterprise Server that has it elsewhere than at https://HOST/api/v3.')
  apiUrl: string?

  @description('A personal access token, or a GitHub App.')
  credentials: 'None' | 'Token' | 'App'

  @description('The id of a GitHub App that is installed for the repositories.')
  appId: string?

  @description('Whether webhooks are taken; gitHubWebhookSecret signs them.')
  webhooks: bool

  @description('Whether those that gitHubFormerWebhookSecret signs are taken too, while the secret is being changed. Default: false.')
  formerSecret: bool?

  @description('Whose comments are votes at gates: LOGIN, or LOGIN=GLOB for some repositories. Default: nobody\'s.')
  approvers: string[]?
}

@export()
@description('Entra ID tokens with app roles of the names of the product\'s.')
type entraOptions = {
  @description('The issuer, by the URL below which it serves .well-known/openid-configuration.')
  authority: string

  @description('The audience that they must have: the client id of the app registration, or its api://… URI.')
  audience: string

  @description('Globs of the repositories that their holders reach. Default: all.')
  projects: string[]?
}

@export()
@description('A model behind an OpenAI-compatible endpoint, for chat agents.')
type chatModel = {
  @description('What agents call it in quantapilot.yml: letters, digits, - and _. default is for those that name none.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('The URL below which it serves /chat/completions.')
  url: string

  @description('The model, as the endpoint names it.')
  model: string

  @description('Whether the endpoint asks for a key.')
  takesKey: bool

  @description('US dollars per million tokens in. Without prices the cost counts as 0.')
  inputUsdPerMillion: string?

  @description('US dollars per million tokens out.')
  outputUsdPerMillion: string?

  @description('US dollars per million tokens in that the endpoint had in its cache. Default: as the others.')
  cachedInputUsdPerMillion: string?

  @description('An integer that is sent with every request, or none. Default: 1.')
  seed: string?

  @description('0 to 2. Default: the model\'s own.')
  temperature: string?

  @description('The most tokens of one answer. Default: 8192.')
  @minValue(256)
  @maxValue(1000000)
  maxOutputTokens: int?

  @description('How long one answer may take. Default: 300.')
  @minValue(1)
  @maxValue(3600)
  requestTimeoutSeconds: int?

  @description('How it is told to answer in JSON. Default: JsonSchema.')
  answerFormat: 'JsonSchema' | 'JsonObject' | 'Text'?

  @description('Globs of the repositories whose text may be sent there. Default: all that are allowed.')
  projects: string[]?
}

@export()
@description('An agent elsewhere that tasks may be given to. quantapilot.yml knows it by its name.')
type agentOptions = {
  @description('Letters, digits, - and _.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('Where tasks are posted: at a public address over https, or at one of allowedWebhookHosts.')
  url: string

  @description('Globs of the repositories whose tasks it gets. Default: all.')
  projects: string[]?
}

@export()
@description('A channel in Microsoft Teams, by the ids in its link.')
type teamsChannel = {
  @description('groupId in the link.')
  @minLength(1)
  teamId: string

  @description('19:…@thread.tacv2 in the link.')
  @minLength(1)
  channelId: string
}

@export()
@description('A storage account, and the part of it that Event Grid writes to.')
type eventStorage = {
  @description('The storage account.')
  accountName: string

  @description('Where Event Grid leaves what it could not deliver.')
  deadLetterContainer: string

  @description('The identity that Event Grid delivers and dead-letters with.')
  deliveryIdentityName: string
}

@export()
@description('An environment variable of the app.')
type setting = {
  @description('Its name.')
  name: string

  @description('Its value, or a reference to a secret in the vault.')
  value: string
}
