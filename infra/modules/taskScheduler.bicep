import { roles } from '../roles.bicep'

@description('The name of the scheduler: 3 to 64 letters, digits and hyphens.')
@minLength(3)
@maxLength(64)
param name string

@description('The task hub: hubName in host.json.')
@minLength(3)
@maxLength(64)
param taskHubName string

@description('The region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Consumption is billed by the action, Dedicated by the capacity unit.')
param sku 'Consumption' | 'Dedicated'

@description('The app\'s identity.')
param appIdentityName string

@description('The principal of the app\'s identity.')
param appPrincipalId string

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    // Any address, but only with a token for the role below: an app on Flex Consumption has no address of its own.
    ipAllowlist: ['0.0.0.0/0']
    sku: sku == 'Dedicated' ? { name: sku, capacity: 1 } : { name: sku }
  }
}

resource taskHub 'Microsoft.DurableTask/schedulers/taskHubs@2026-02-01' = {
  parent: scheduler
  name: taskHubName
}

resource appRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(taskHub.id, appIdentityName, roles.durableTaskDataContributor)
  scope: taskHub
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

@description('Where the scheduler is reached.')
output endpoint string = scheduler.properties.endpoint
