@export()
@description('Names that several modules use: of resources, of what is in the storage account, of secrets in the vault.')
func resourceNames(token string) { *: string } => {
  app: 'func-quantapilot-${token}'
  appIdentity: 'id-quantapilot-${token}'
  deliveryIdentity: 'id-quantapilot-events-${token}'
  storage: 'stqp${token}'
  vault: 'kv-qp-${token}'
  packageContainer: 'app-package'
  deadLetterContainer: 'dead-letters'
  eventQueue: 'events'
  teamsQueue: 'teams-gates'
  bootstrapSecret: 'bootstrap-token'
  gitUsernameSecret: 'git-username'
  gitPasswordSecret: 'git-password'
  gitHubTokenSecret: 'github-token'
  gitHubKeySecret: 'github-private-key'
  gitHubWebhookSecret: 'github-webhook-secret'
  gitHubFormerWebhookSecret: 'github-former-webhook-secret'
  approverSecret: 'approver-token'
}
