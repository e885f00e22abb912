import { allReleases } from '../../archive/layout.ts';
import type { BlobInfo, BlobStore } from '../../storage/blob-store.ts';

/** When the branch was moved away from a commit. */
export interface Released {
  blob: BlobInfo;
  from: string;
}

/** Which thinnings out there were of which not all has gone yet. */
export async function readReleases(store: BlobStore): Promise<Released[]> {
  const all: Released[] = [];
  for await (const blob of store.list(allReleases))
    all.push({ blob, from: (await store.get(blob.name))?.bytes.toString().trim() ?? '' });
  return all;
}
