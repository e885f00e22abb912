import type { AccessToken, TokenCredential } from '@azure/identity';
import { agentPolicy, patientAgents } from '../connections.ts';
import { authorityOf } from './authority.ts';

/** ms for a token, with all that the library tries: a command line tool of a laptop takes some seconds of them. */
const patience = 20_000;

/** By authority; that of public Azure has no name. */
const identities = new Map<string | undefined, TokenCredential>();

function identityOf(authorityHost: string | undefined): TokenCredential {
  let loaded: Promise<TokenCredential> | undefined;
  return inTime(async (scopes, options) => {
    loaded ??= import('@azure/identity').then(({ DefaultAzureCredential }) => {
      const policy = agentPolicy(patientAgents());
      const more = authorityHost === undefined ? {} : { authorityHost };
      return new DefaultAzureCredential({ ...more, additionalPolicies: [{ policy, position: 'perCall' }] });
    });
    return (await loaded).getToken(scopes, options);
  });
}

/**
 * The identity of this process: in Azure the app's user-assigned identity (AZURE_CLIENT_ID), on a laptop that of
 * `az login`. One per process and cloud, because it caches its tokens; its library is loaded with the first token, which who backs
 * up into a directory never needs.
 * @param address of what it is for; Azure Government and Azure in China are asked elsewhere
 * https://learn.microsoft.com/javascript/api/@azure/identity/defaultazurecredential
 */
export function azureCredential(address: string): TokenCredential {
  const authority = authorityOf(address);
  const found = identities.get(authority) ?? identityOf(authority);
  identities.set(authority, found);
  return found;
}

/**
 * A credential that says so when no token comes: the library asks one source after the other, and not every one of them
 * gives up by itself.
 * @param most ms; 20 seconds unless given
 */
export function inTime(getToken: TokenCredential['getToken'], most = patience): TokenCredential {
  return {
    getToken: async (scopes, options) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<AccessToken | null>((_resolve, reject) => {
        timer = setTimeout(() => reject(new IdentitySilent(most)), most);
      });
      try {
        return await Promise.race([getToken(scopes, options), late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** No source of tokens has answered. Named like what the library throws when it has no token, and taken for that. */
class IdentitySilent extends Error {
  override readonly name = 'CredentialUnavailableError';

  constructor(ms: number) {
    super(`No identity answered in ${ms / 1000} s.`);
  }
}
