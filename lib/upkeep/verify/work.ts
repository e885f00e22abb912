import type { Acceptances } from '../../archive/acceptance.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { Catalog } from './catalog.ts';
import type { Objects } from './objects.ts';
import type { State } from './state.ts';

/** What the stages of a verification work with. */
export interface Work {
  store: BlobStore;
  state: State;
  catalog: Catalog;
  objects: Objects;
  acceptances: Acceptances;
  /** bytes: packs of more are read in several parts, smaller ones at once */
  largePack: number;
}
