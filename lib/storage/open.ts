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
import { AzureStore } from './azure.ts';
import type { BlobStore } from './blob-store.ts';
import { DirectoryStore } from './directory.ts';

/** Azurite's account; its key is public. https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
const developmentAccount = 'devstoreaccount1';
const developmentKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** The SDK's own first pause is four seconds, and calls are tried again above it. */
const usualRetries = { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8_000 };

// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names
// Not $root: its blobs cannot have a slash in their names.
const container = /^\/[a-z0-9](?:-?[a-z0-9]){2,62}\/?$/;
const developmentContainer = new RegExp(`^/${developmentAccount}${container.source.slice(1)}`);

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
  if (address.startsWith('file:')) return openDirectory(address.slice('file:'.length), parts.clock);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.search + url.hash + url.username + url.password !== '') throw wrong();
  if (isLoopback(url) && developmentContainer.test(url.pathname)) {
    return openContainer(url, new StorageSharedKeyCredential(developmentAccount, developmentKey), parts);
  }
  if (url.protocol !== 'https:' || !container.test(url.pathname)) throw wrong();
  return openContainer(url, (parts.credential ?? noCredential)(), parts);
}

function openDirectory(path: string, clock: Clock): BlobStore {
  if (path === '' || path.includes('\0')) throw wrong();
  return new DirectoryStore(path, { clock });
}

function openContainer(
  { origin, pathname }: URL,
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
  return new AzureStore(new ContainerClient(origin + pathname.replace(/\/$/, ''), pipeline));
}

function noCredential(): never {
  throw new TypeError('A container of Azure is opened with an identity.');
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return /^https?:$/.test(protocol) && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

// The value is not repeated: it may hold a key that somebody put into the address.
function wrong(): BackupError {
  return new BackupError(
    'SETTINGS_INVALID',
    'BACKUP_STORE is neither file:PATH nor the address of a container, https://ACCOUNT.blob.core.windows.net/CONTAINER.',
  );
}
