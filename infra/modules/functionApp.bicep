import { alwaysReadyGroup, setting } from '../types.bicep'

@description('The name of the app; with .azurewebsites.net it is its host name.')
@minLength(2)
@maxLength(60)
param name string

@description('The name of the plan.')
param planName string

@description('The region. It must offer Flex Consumption.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('The service in azure.yaml that is deployed to the app.')
param serviceName string

@description('The app\'s identity.')
param identityName string

@description('The storage account of the app.')
param storageAccountName string

@description('The container that the app\'s package is deployed to.')
param packageContainer string

@description('The most instances that the app is scaled out to.')
param maximumInstanceCount int

@description('Memory of an instance, in MB.')
param instanceMemoryMB int

@description('HTTP requests that an instance takes at a time before another one is started.')
param httpConcurrency int

@description('Instances that are kept running while nothing happens.')
param alwaysReady alwaysReadyGroup[]

@description('What becomes of running instances when the app is updated.')
param updateStrategy 'RollingUpdate' | 'Recreate'

@description('Environment variables of the app.')
param settings setting[]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: settings
    }
    functionAppConfig: {
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReady
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
      // In preview, and therefore not in the published types yet:
      // https://learn.microsoft.com/azure/azure-functions/flex-consumption-site-updates
      #disable-next-line BCP037
      siteUpdateStrategy: { type: updateStrategy }
    }
  }
}

// Deployments authenticate with Entra ID; the app's user name and password for them are switched off.
resource ftpPolicy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource scmPolicy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

@description('Where the app is reached.')
output url string = 'https://${app.properties.defaultHostName}'
