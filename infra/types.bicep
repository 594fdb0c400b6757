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
@description('A model behind an OpenAI-compatible endpoint, for the chat agents that name no other.')
type chatModel = {
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
