import type { Archive } from '../archive/archive.ts';
import { Repository } from '../archive/repository.ts';
import { withHeldPacks } from '../git/pack/held-packs.ts';
import { withBlocks } from '../git/pack/pack-blocks.ts';
import { Packs } from '../git/pack/packs.ts';

/** The archive for who reads much of it: packs are fetched whole, as far as memory allows, larger ones in blocks. Only for reading. */
export function heldArchive({ store }: Pick<Archive, 'store'>): Archive {
  const held = withHeldPacks(withBlocks(store));
  return { store: held, repository: new Repository(held, refuse) };
}

/** An archive of which something of all years is read. */
export interface PastArchive extends Archive {
  /** Ages of the commits of which something is about to be read, of the latest 0. */
  expect(ages: readonly number[]): Promise<void>;
}

/**
 * The archive for who reads something of all its years, from a cold start. The large indexes of the old packs are needed then; where
 * they hold what is asked for, those of the nights since are not. Only for reading.
 */
export function pastArchive({ store }: Pick<Archive, 'store'>): PastArchive {
  const packs = new Packs(store, undefined, undefined, 'oldest first');
  return { store, repository: new Repository(store, refuse, packs), expect: (ages) => packs.expect(ages) };
}

function refuse(): never {
  throw new TypeError('this repository is only read');
}
