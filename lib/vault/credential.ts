import type { TokenCredential } from '@azure/identity';

let loaded: Promise<TokenCredential> | undefined;

const identity: TokenCredential = {
  getToken: async (scopes, options) => {
    loaded ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
    return (await loaded).getToken(scopes, options);
  },
};

/**
 * The identity of this process: in Azure the app's user-assigned identity (AZURE_CLIENT_ID), on a laptop that of
 * `az login`. One per process, because it caches its tokens; its library is loaded with the first token, which who backs
 * up into a directory never needs.
 * https://learn.microsoft.com/javascript/api/@azure/identity/defaultazurecredential
 */
export function azureCredential(): TokenCredential {
  return identity;
}
