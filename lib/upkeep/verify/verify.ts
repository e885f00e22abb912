import type { BlobStore } from '../../storage/blob-store.ts';
import { BackupError } from '../../errors.ts';
import type { Accepted, Finding } from './finding.ts';
import type { LargeRead, Share } from './large.ts';
import { endless } from './turn.ts';
import { Verification } from './verification.ts';

/** What a verification came to. */
export interface Verdict extends LargeRead {
  /** the commit that was verified; null for an archive without one */
  commit: string | null;
  commits: number;
  trees: number;
  files: number;
  /** of the latest commit */
  items: number;
  parts: number;
  /** at most 1,000; `more` counts those beyond */
  findings: Finding[];
  more: number;
  /** damage that an administrator has accepted: it stays in every report, and counts no more */
  accepted: Accepted[];
}

/**
 * Reads the archive and changes nothing: every object of every pack, the whole history from the branch, the items of the
 * latest commit against their backup.json, Git LFS objects by length and a share of them by hash. Safe beside a run.
 * Throws STORE_… when the store does not answer.
 * @param share of the Git LFS objects; who verifies a part each time rotates it
 */
export async function verify(store: BlobStore, share: Share): Promise<Verdict> {
  const verdict = await (await Verification.open(store, { share })).goOn(endless);
  if (verdict === undefined) throw new BackupError('INTERNAL', 'A verification stopped before its end.');
  return verdict;
}
