import type { BlobStore } from '../storage/blob-store.ts';
import type { Repository } from './repository.ts';

/** The archive: the store, and the repository that it holds. */
export interface Archive {
  store: BlobStore;
  repository: Repository;
}
