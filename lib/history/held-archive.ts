import type { Archive } from '../archive/archive.ts';
import { Repository } from '../archive/repository.ts';
import { withHeldPacks } from '../git/pack/held-packs.ts';
import { withBlocks } from '../git/pack/pack-blocks.ts';

/** The archive for who reads much of it: packs are fetched whole, as far as memory allows, larger ones in blocks. Only for reading. */
export function heldArchive({ store }: Pick<Archive, 'store'>): Archive {
  const held = withHeldPacks(withBlocks(store));
  const refuse = () => {
    throw new TypeError('this repository is only read');
  };
  return { store: held, repository: new Repository(held, refuse) };
}
