import { agentOptions, chatModel, gitHubOptions } from 'types.bicep'

@export()
@description('A setting whose value the platform reads from a vault with the app\'s identity.')
func vaultReference(vaultName string, secretName string) string =>
  '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${secretName})'

@export()
@description('The name in the vault of an agent\'s secret.')
func agentSecretName(agent string) string => 'agent-${replace(agent, '_', '-')}'

@export()
@description('The name in the vault of the key of a model\'s endpoint.')
func chatSecretName(model string) string => 'chat-key-${replace(model, '_', '-')}'

@description('The secrets of a host of GitHub\'s and of its webhooks.')
func gitHubSecretNames(gitHub gitHubOptions, names { *: string }) string[] =>
  union(
    gitHub.credentials == 'Token' ? [names.gitHubTokenSecret] : [],
    gitHub.credentials == 'App' ? [names.gitHubKeySecret] : [],
    gitHub.webhooks ? [names.gitHubWebhookSecret] : [],
    gitHub.?formerSecret ?? false ? [names.gitHubFormerWebhookSecret] : []
  )

@export()
@description('The secrets that the app reads.')
func secretNames(
  bootstrap bool,
  git bool,
  gitHub gitHubOptions,
  chat chatModel[],
  agents agentOptions[],
  names { *: string }
) string[] =>
  union(
    bootstrap ? [names.bootstrapSecret] : [],
    git ? [names.gitUsernameSecret, names.gitPasswordSecret] : [],
    gitHubSecretNames(gitHub, names),
    map(filter(chat, model => model.takesKey), model => chatSecretName(model.name)),
    map(agents, agent => agentSecretName(agent.name))
  )
