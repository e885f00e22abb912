import type { TokenCredential } from '@azure/identity';
import {
  BlobServiceClient,
  ContainerClient,
  newPipeline,
  StorageSharedKeyCredential,
  type StorageRetryOptions,
  type WebResource,
} from '@azure/storage-blob';
import { agentFor, patientAgents, type ConnectionLimits } from '../../connections.ts';
import { developmentAccount } from '../address.ts';
import type { BlobStore } from '../blob-store.ts';
import { AzureStore } from './azure.ts';
import { openLending } from './lend.ts';

/** Public: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
const developmentKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Of the blocks of a stream: pauses of 0, 1, 3, 7 and 15 seconds. Other calls are tried again above (`withRetry`), and there only. */
const usualRetries = { maxTries: 6, retryDelayInMs: 1000, maxRetryDelayInMs: 16_000 };
const noRetries = { maxTries: 1 };

/** What a token for any account of Azure Storage is asked for with. */
const storageScope = 'https://storage.azure.com/.default';

/** How a container is talked to. */
export interface ContainerParts {
  /** of its connections; for tests */
  limits?: ConnectionLimits;
  /** the SDK's own tries of a stream; for tests */
  retryOptions?: StorageRetryOptions;
}

/** Opens a container; nothing is asked yet. Without a credential it is one of Azurite's. */
export function openContainer(
  url: string,
  credential: TokenCredential | undefined,
  { limits, retryOptions = usualRetries }: ContainerParts,
): BlobStore {
  const signed = credential ?? new StorageSharedKeyCredential(developmentAccount, developmentKey);
  const agents = patientAgents(limits);
  const pipelineWith = (retries: StorageRetryOptions) => {
    const pipeline = newPipeline(signed, { retryOptions: retries });
    pipeline.factories.push({
      create: (next) => ({
        sendRequest: (request: WebResource) => {
          request.agent ??= agentFor(agents, request.url);
          return next.sendRequest(request);
        },
      }),
    });
    return pipeline;
  };
  const clientWith = (retries: StorageRetryOptions) => new ContainerClient(url, pipelineWith(retries));
  const token = async () => (await credential?.getToken(storageScope))?.token;
  const uploads = clientWith(retryOptions);
  // Only an identity has rights to lend, and the key of Azurite's account is everybody's.
  if (credential === undefined) return new AzureStore(clientWith(noRetries), { uploads, token });
  const account = new BlobServiceClient(url.slice(0, url.lastIndexOf('/')), pipelineWith(noRetries));
  return new AzureStore(clientWith(noRetries), { uploads, token, signature: openLending(account) });
}
