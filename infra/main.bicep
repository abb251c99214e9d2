// Everything that a hub needs in one resource group: storage, a function app on Flex Consumption, its identity and its logs.
// No secret is created, stored or passed on: the app enters storage and monitoring with its managed identity.
targetScope = 'resourceGroup'

@description('Beginning of all names: 3 to 11 lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'serverless'

@description('Region of all resources. It must offer Flex Consumption: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('Hub that the app serves: a prefix of the names of its tables, queues and container. 3 to 30 lower-case letters and digits.')
@minLength(3)
@maxLength(30)
param hub string = 'default'

@description('Copies of the stored data: Standard_LRS keeps three in one data centre, Standard_ZRS spreads them over the zones of the region.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Memory of one instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances at a time. Raise it when queues grow; it also bounds the bill.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Object id of a developer or group that may read and write the hub as well, for the command line. Empty for nobody.')
param operatorPrincipalId string = ''

@description('Whether the operator is a person or a group.')
@allowed(['User', 'Group'])
param operatorPrincipalType string = 'User'

@description('Put on every resource.')
param tags object = {}

var unique = uniqueString(resourceGroup().id, name)
var appName = '${name}-${unique}'
var deploymentContainerName = 'app-package'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity-${unique}'
  location: location
  tags: tags
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: take('${name}${unique}', 24)
    location: location
    tags: tags
    sku: storageSku
    deploymentContainerName: deploymentContainerName
  }
}

module appAccess 'access.bicep' = {
  name: 'app-access'
  params: {
    storageAccountName: storage.outputs.name
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

module operatorAccess 'access.bicep' = if (!empty(operatorPrincipalId)) {
  name: 'operator-access'
  params: {
    storageAccountName: storage.outputs.name
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: '${name}-${unique}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    publisherPrincipalId: identity.properties.principalId
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${name}-plan-${unique}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.outputs.blobEndpoint}${deploymentContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
    }
  }

  // The host reads the package and its own blobs at its first start: the roles must be there before the app is.
  dependsOn: [appAccess]

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__accountName: storage.outputs.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      Serverless__Hub: hub
    }
  }

  resource noFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource noPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

@description('Name of the function app, for the deployment of its package.')
output appName string = app.name

@description('Address of the HTTP API and the web UI.')
output appUrl string = 'https://${app.properties.defaultHostName}'

@description('Storage account that holds the hub.')
output storageAccountName string = storage.outputs.name
