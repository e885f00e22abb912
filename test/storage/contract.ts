import { describe, it } from 'node:test';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { listing, reading } from './contract-reading.ts';
import { streams } from './contract-streams.ts';
import { conditions, writing } from './contract-writing.ts';

/** A store that is empty, and how to put it away. */
export interface Opened {
  store: BlobStore;
  close: () => Promise<void>;
}

/** Adds one test, with a store of its own. */
export type Check = (sentence: string, body: (store: BlobStore) => Promise<void>) => void;

/** What every store must do; `names` is how many blobs the test of long listings writes. */
export function storeContract(name: string, open: () => Promise<Opened>, { names = 6_000 } = {}): void {
  const check: Check = (sentence, body) => {
    it(sentence, async () => {
      const { store, close } = await open();
      try {
        await store.create();
        await body(store);
      } finally {
        await close();
      }
    });
  };
  describe(name, () => {
    reading(check);
    writing(check);
    conditions(check);
    streams(check);
    listing(check, names);
  });
}
