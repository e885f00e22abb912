import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';

let credential: TokenCredential | undefined;

/**
 * The identity of this process: in Azure the app's user-assigned identity (AZURE_CLIENT_ID), on a laptop that of
 * `az login`. One per process, because it caches its tokens.
 * https://learn.microsoft.com/javascript/api/@azure/identity/defaultazurecredential
 */
export function azureCredential(): TokenCredential {
  credential ??= new DefaultAzureCredential();
  return credential;
}
