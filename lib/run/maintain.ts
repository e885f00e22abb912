import { toFailure } from '../errors.ts';
import { indexName } from '../git/layout.ts';
import { mergePacks } from '../git/merge.ts';
import { sweep } from '../git/sweep.ts';
import type { Parts } from './parts.ts';
import { warn } from './record.ts';

/**
 * Keeps the store small after a commit: merges packs when there are many, deletes leftovers older than 14 days. The
 * backup is done by then, so trouble here is a warning in the run record and no failure.
 */
export async function maintain(parts: Parts, runId: string): Promise<void> {
  try {
    await mergePacks(parts.store, parts);
    await sweep(parts.store, { clock: parts.clock, liveIndexes: await liveIndexes(parts) });
  } catch (error) {
    const { code, message } = toFailure(error);
    await warn(
      parts.store,
      runId,
      `The archive could not be tidied up (${code}: ${message}); the next run tries again.`,
    );
  }
}

/** The derived indexes that the latest commit leads to. */
async function liveIndexes({ repository }: Parts): Promise<Set<string>> {
  const head = await repository.head();
  const content = head && (await repository.treeAt(head.tree, 'content'));
  const members = content === undefined ? [] : await repository.tree(content);
  return new Set(members.map(({ oid }) => indexName(oid)));
}
