import type { Blob, BlobStore } from '../storage/blob-store.ts';
import { branch, packedRefs, readPackedBranch } from './layout.ts';

/** What the store says of the branch; nothing of it is checked. */
export interface BranchAt {
  /** the id of a commit, unless it is damaged */
  commit: string;
  /** of the branch's blob; undefined when a person's git keeps the branch in packed-refs */
  etag: string | undefined;
}

/** Where the branch is, also where a person's git has packed it; undefined when it is nowhere. */
export async function readBranch(store: BlobStore): Promise<BranchAt | undefined> {
  const blob = await store.get(branch);
  if (blob !== undefined) return branchIn(blob);
  const packed = readPackedBranch((await store.get(packedRefs))?.bytes.toString() ?? '');
  return packed === undefined ? undefined : { commit: packed, etag: undefined };
}

/** Where the branch is, by its own blob. */
export function branchIn({ bytes, etag }: Blob): BranchAt {
  return { commit: bytes.toString().trim(), etag };
}
