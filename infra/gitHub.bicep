import { gitHubOptions } from 'types.bicep'
import { vaultReference } from 'secrets.bicep'

@description('The settings of whose comments are votes.')
func approverSettings(approvers string[]) { *: string } =>
  toObject(range(0, length(approvers)), i => 'QuantaPilot__GitHub__Approvers__${i}', i => approvers[i])

@export()
@description('The settings of a host of GitHub\'s and of its webhooks; null stands for one that is left out. Secrets are in the vault.')
func gitHubSettings(gitHub gitHubOptions, names { *: string }) { *: string? } =>
  union(
    gitHub.credentials == 'None'
      ? {}
      : {
          QuantaPilot__GitHub__0__Host: gitHub.host
          QuantaPilot__GitHub__0__ApiUrl: gitHub.?apiUrl
          QuantaPilot__GitHub__0__Token: gitHub.credentials == 'Token'
            ? vaultReference(names.vault, names.gitHubTokenSecret)
            : null
          QuantaPilot__GitHub__0__AppId: gitHub.credentials == 'App' ? gitHub.?appId : null
          QuantaPilot__GitHub__0__PrivateKey: gitHub.credentials == 'App'
            ? vaultReference(names.vault, names.gitHubKeySecret)
            : null
        },
    {
      QuantaPilot__GitHub__WebhookSecret: gitHub.webhooks
        ? vaultReference(names.vault, names.gitHubWebhookSecret)
        : null
      QuantaPilot__GitHub__FormerWebhookSecret: gitHub.?formerSecret ?? false
        ? vaultReference(names.vault, names.gitHubFormerWebhookSecret)
        : null
    },
    approverSettings(gitHub.?approvers ?? [])
  )
