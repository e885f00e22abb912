// People sign in to the page with Microsoft Entra. The app registration, which no template can make here, is docs/operations.md's.
@description('The app registration by which people sign in to the page.')
@export()
@sealed()
type entraOf = {
  @description('Application (client) id of the app registration')
  @minLength(36)
  @maxLength(36)
  clientId: string
  @description('Directory (tenant) id whose people may come; default: that of the subscription')
  @minLength(36)
  @maxLength(36)
  tenantId: string?
}

param app string
param clientId string
@description('The directory whose people may come.')
param tenantId string

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: app

  // It lets everybody pass, and says who has signed in: git, Git LFS and the API have keys of their own, and the page asks who
  // comes. By ID tokens, so that there is no secret. https://learn.microsoft.com/azure/app-service/overview-authentication-authorization
  resource authentication 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true, runtimeVersion: '~1' }
      globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: clientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenantId}/v2.0'
          }
          validation: { allowedAudiences: [clientId] }
        }
      }
      login: {
        tokenStore: { enabled: false }
        cookieExpiration: { convention: 'FixedTime', timeToExpiration: '08:00:00' }
      }
      httpSettings: { requireHttps: true }
    }
  }
}
