import { RestError } from '@azure/storage-blob';
import { lastingTrouble, troubleHint } from '../../connections.ts';
import { BackupError } from '../../errors.ts';

// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
const transientCodes = new Set(['ContainerBeingDeleted', 'InvalidBlockList', 'LeaseIdMissing']);
const identityErrors = new Set(['CredentialUnavailableError', 'AuthenticationError', 'AggregateAuthenticationError']);

/** Azure's own code of a failed request, such as BlobNotFound; empty when it is none or the answer named none. */
export function azureCode(error: unknown): string {
  if (!(error instanceof RestError)) return '';
  // The answer to a HEAD has no body; its code stands in a header only, which the SDK puts here.
  const details = error.details as { errorCode?: string } | undefined;
  return details?.errorCode ?? error.code ?? '';
}

/** Is the blob, and not its container, what is not there? */
export function isAbsent(error: unknown): boolean {
  return azureCode(error) === 'BlobNotFound';
}

/** Did the condition of a write not hold? Codes: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations */
export function isConditionFailure(error: unknown): boolean {
  return ['BlobAlreadyExists', 'ConditionNotMet', 'BlobNotFound'].includes(azureCode(error));
}

/** Does a range begin past the end of the blob? */
export function isPastEnd(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 416;
}

/**
 * Azure's error as ours, with status and code only: the SDK's own carries the request. What is not Azure's stays as it is.
 * @param by has the SDK sent the request again? It does so for lost connections and the statuses 500 and 503 alone
 */
export function toStoreError(error: unknown, address: string, by?: 'tried by the SDK'): unknown {
  if (error instanceof Error && identityErrors.has(error.name)) {
    const hint = "In Azure, set AZURE_CLIENT_ID to the app's identity; on a laptop, run `az login`.";
    return new BackupError('STORE_REFUSED', `No identity could sign in to ${address}.`, { hint });
  }
  if (!(error instanceof RestError)) return error;
  const { statusCode } = error;
  const code = azureCode(error);
  const what = `${statusCode ?? ''} ${code}`.trim();
  if (statusCode === 404) return new BackupError('STORE_MISSING', `${address} does not exist (${what}).`);
  if (statusCode === 401 || statusCode === 403 || code === 'BlobImmutableDueToPolicy') {
    return new BackupError('STORE_REFUSED', `${address} refused the request (${what}).`);
  }
  const trouble = statusCode === undefined ? lastingTrouble(code) : undefined;
  if (trouble !== undefined) {
    const hint = troubleHint(trouble, 'BACKUP_STORE');
    return new BackupError('STORE_UNREACHABLE', `${address} cannot be reached (${code}).`, { hint });
  }
  const retryable = statusCode === undefined || isTransient(statusCode) || transientCodes.has(code);
  return new BackupError('STORE_UNREACHABLE', `${address} does not answer as it should (${what}).`, {
    retryable,
    tried: by !== undefined && [undefined, 500, 503].includes(statusCode),
  });
}

function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
