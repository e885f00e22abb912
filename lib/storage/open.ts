import type { TokenCredential } from '@azure/identity';
import {
  ContainerClient,
  newPipeline,
  StorageSharedKeyCredential,
  type StorageRetryOptions,
  type WebResource,
} from '@azure/storage-blob';
import type { Clock } from '../clock.ts';
import { agentFor, patientAgents, type ConnectionLimits } from '../connections.ts';
import { BackupError } from '../errors.ts';
import { developmentAccount, readStoreAddress } from './address.ts';
import { AzureStore } from './azure/azure.ts';
import type { BlobStore } from './blob-store.ts';
import { DirectoryStore } from './directory/directory.ts';

/** Public: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
const developmentKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** The SDK's own first pause is four seconds, and calls are tried again above it. */
const usualRetries = { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8_000 };

/** What a store is opened with. */
export interface OpenParts {
  clock: Clock;
  /** asked for only when the address is Azure's, which needs one */
  credential?: () => TokenCredential;
  /** of Azure's connections; for tests */
  limits?: ConnectionLimits;
  /** the SDK's own tries; for tests */
  retryOptions?: StorageRetryOptions;
}

/** Opens the store of BACKUP_STORE; nothing is asked yet. Throws SETTINGS_INVALID. */
export function openStore(address: string, parts: OpenParts): BlobStore {
  const found = readStoreAddress(address);
  if (found === undefined) throw wrong();
  if (found.kind === 'directory') return new DirectoryStore(found.path, { clock: parts.clock });
  const isOfAzurite = found.kind === 'development';
  const key = () => new StorageSharedKeyCredential(developmentAccount, developmentKey);
  return openContainer(found.url, isOfAzurite ? key() : (parts.credential ?? noCredential)(), parts);
}

function openContainer(
  url: string,
  credential: StorageSharedKeyCredential | TokenCredential,
  { limits, retryOptions = usualRetries }: OpenParts,
): BlobStore {
  const pipeline = newPipeline(credential, { retryOptions });
  const agents = patientAgents(limits);
  pipeline.factories.push({
    create: (next) => ({
      sendRequest: (request: WebResource) => {
        request.agent ??= agentFor(agents, request.url);
        return next.sendRequest(request);
      },
    }),
  });
  return new AzureStore(new ContainerClient(url, pipeline));
}

function noCredential(): never {
  throw new TypeError('A container of Azure is opened with an identity.');
}

// The value is not repeated: it may hold a key that somebody put into the address.
function wrong(): BackupError {
  return new BackupError(
    'SETTINGS_INVALID',
    'BACKUP_STORE is neither file:PATH nor the address of a container, https://ACCOUNT.blob.core.windows.net/CONTAINER.',
  );
}
