import { recordedCommits } from '../../../lib/archive/runs/run-history.ts';
import { readIndexOf } from '../../../lib/archive/member-index.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import type { RepairParts } from '../../../lib/upkeep/repair/repair.ts';
import { countedNames } from '../../archive/archive.ts';
import type { SmallArchive } from '../small-archive.ts';

let repairs = 0;

/** What a repair of this store works with: the portal that it was made from, and the functions. */
export function repairOver(archive: SmallArchive, store: BlobStore): RepairParts {
  return {
    store,
    recordedCommits: () => recordedCommits(store),
    derive: async (tree) => void (await readIndexOf({ store, repository: archive.repository(store) }, tree)),
    fetchItems: async (items) => {
      const { failures, error } = await archive.run(store, { items, force: true });
      return [...failures, ...(error ? [error] : [])].map(({ message }) => message);
    },
    tell: () => undefined,
    random: countedNames(`repair ${repairs++}`),
  };
}
