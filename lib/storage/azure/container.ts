import type { TokenCredential } from '@azure/identity';
import {
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

/** Public: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
const developmentKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** The SDK's own first pause is four seconds, and calls are tried again above it. */
const usualRetries = { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8_000 };

/** How a container is talked to. */
export interface ContainerParts {
  /** of its connections; for tests */
  limits?: ConnectionLimits;
  /** the SDK's own tries; for tests */
  retryOptions?: StorageRetryOptions;
}

/** Opens a container; nothing is asked yet. Without a credential it is one of Azurite's. */
export function openContainer(
  url: string,
  credential: TokenCredential | undefined,
  { limits, retryOptions = usualRetries }: ContainerParts,
): BlobStore {
  const pipeline = newPipeline(credential ?? new StorageSharedKeyCredential(developmentAccount, developmentKey), {
    retryOptions,
  });
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
