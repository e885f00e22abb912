import type { TokenCredential } from '@azure/identity';
import type { SecretClient, SecretClientOptions } from '@azure/keyvault-secrets';
import { agentPolicy, lastingTrouble, patientAgents, troubleHint, type ConnectionLimits } from '../connections.ts';
import { BackupError } from '../errors.ts';
import { Secret } from '../secret.ts';

/** Reads one secret by its name in the vault; undefined when the vault has none of that name. */
export type ReadSecret = (name: string) => Promise<Secret | undefined>;

/** Five tries within eight seconds; nobody above tries again. */
const retryOptions = { maxRetries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8_000 };

/**
 * Reads secrets from a key vault, anew at each call, so that a rotated one works at the next run. Nothing is kept on disk.
 * Throws SECRET_REFUSED, SECRET_MISSING (disabled), VAULT_UNREACHABLE (also by its firewall).
 * https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export function openVault(
  url: string,
  credential: TokenCredential,
  given: SecretClientOptions = {},
  limits?: ConnectionLimits,
): ReadSecret {
  const vault = new URL(url).host;
  const policy = agentPolicy(patientAgents(limits));
  const options = { retryOptions, additionalPolicies: [{ policy, position: 'perCall' as const }], ...given };
  let opened: Promise<SecretClient> | undefined;
  // Loaded with the first secret, so that a laptop without a vault never does.
  const open = () =>
    (opened ??= import('@azure/keyvault-secrets').then(
      (library) => new library.SecretClient(url, credential, options),
    ));
  return async (name) => {
    try {
      const { value } = await (await open()).getSecret(name);
      return value === undefined || value === '' ? undefined : new Secret(value);
    } catch (error) {
      return refuse(error, name, vault);
    }
  };
}

interface Refusal {
  statusCode?: number;
  code?: string;
  name?: string;
  details?: { error?: { innerError?: { code?: string } } };
}

/** What @azure/identity throws. */
const withoutIdentity = new Set([
  'CredentialUnavailableError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'AggregateAuthenticationError',
]);

// The SDK's errors carry the request with its token; only status and code go on.
function refuse(error: unknown, name: string, vault: string): undefined {
  const { statusCode, code, name: kind, details } = error as Refusal;
  // A 403 is always "Forbidden"; why, is said one level below.
  // https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
  const reason = details?.error?.innerError?.code ?? '';
  if (statusCode === 404) return undefined;
  if (statusCode === 403 && reason === 'SecretDisabled') {
    throw new BackupError('SECRET_MISSING', `The secret ${name} in ${vault} is disabled.`);
  }
  if (statusCode === 403 && /^ForbiddenBy(Firewall|Connection)$/.test(reason)) {
    throw new BackupError('VAULT_UNREACHABLE', `The firewall of the key vault ${vault} keeps this app out.`);
  }
  if (statusCode === 401 || statusCode === 403) {
    throw new BackupError('SECRET_REFUSED', `The key vault ${vault} does not let this identity read ${name}.`);
  }
  if (withoutIdentity.has(kind ?? '')) {
    throw new BackupError('SECRET_REFUSED', `No identity could sign in to read ${name} from the key vault ${vault}.`, {
      hint: "In Azure, set AZURE_CLIENT_ID to the app's identity; on a laptop, run `az login`.",
    });
  }
  const trouble = statusCode === undefined ? lastingTrouble(code ?? '') : undefined;
  if (trouble !== undefined) {
    const hint = troubleHint(trouble, 'KEY_VAULT_URL');
    throw new BackupError('VAULT_UNREACHABLE', `The key vault ${vault} cannot be reached (${code ?? ''}).`, { hint });
  }
  const why = statusCode === undefined ? (code ?? 'no answer') : `status ${statusCode}`;
  throw new BackupError('VAULT_UNREACHABLE', `The key vault ${vault} could not be read (${why}).`, {
    retryable: true,
    tried: true,
  });
}
