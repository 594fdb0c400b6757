import { roles } from '../roles.bicep'

@description('The name of the vault: 3 to 24 letters, digits and hyphens.')
@minLength(3)
@maxLength(24)
param name string

@description('The region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Days that a deleted vault or secret can be recovered and its name is taken. Can\'t be changed later.')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Secrets that the app reads, by name. Those without a value are left as they are.')
@secure()
param appSecrets { *: string }

@description('The names in appSecrets that have a value.')
param appSecretNames string[]

@description('The secret that the Teams workflow reads.')
param approverSecretName string

@description('The API token that the Teams workflow decides with; empty leaves the secret as it is.')
@secure()
param approverToken string

@description('The app\'s identity.')
param appIdentityName string

@description('The principal of the app\'s identity.')
param appPrincipalId string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    enablePurgeProtection: true
    enableRbacAuthorization: true
    enableSoftDelete: true
    sku: { family: 'A', name: 'standard' }
    softDeleteRetentionInDays: softDeleteDays
    tenantId: tenant().tenantId
  }
}

resource secrets 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = [
  for secretName in appSecretNames: {
    parent: vault
    name: secretName
    properties: { value: appSecrets[secretName] }
  }
]

resource approverSecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = if (!empty(approverToken)) {
  parent: vault
  name: approverSecretName
  properties: { value: approverToken }
}

// Secret by secret: neither the app nor the workflow may read what is the other's.
resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (secretName, i) in appSecretNames: {
    name: guid(secrets[i].id, appIdentityName, roles.keyVaultSecretsUser)
    scope: secrets[i]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
    }
  }
]
