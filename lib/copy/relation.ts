import { becameOf, readFolds } from '../archive/folds.ts';
import type { Head, Repository } from '../archive/repository.ts';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';

/** An archive, opened. */
export interface Side {
  store: BlobStore;
  repository: Repository;
}

/**
 * Refuses a target that is not an earlier state of the source. What is read on the way are the commits that are new to the target,
 * so that a source that lost one of them is found out before anything is copied.
 * Throws TARGET_TAKEN, and STORE_DAMAGED.
 */
export async function refuseOther(from: Side, head: Head, to: Side, taken: Head | undefined): Promise<void> {
  const ours = new Set<string>();
  for await (const commit of ancestors(from.repository, head.commit)) {
    if (commit === taken?.commit) return;
    ours.add(commit);
  }
  if (taken === undefined) return;
  // Thinned out since: the target has the history as it was before.
  if (becameOf(await readFolds(from.store), taken.commit, (oid) => ours.has(oid)) !== undefined) return;
  let isRelated = false;
  for await (const commit of ancestors(to.repository, taken.commit)) {
    if (commit === head.commit) throw ahead(from, to);
    isRelated ||= ours.has(commit);
    if (isRelated) throw diverged(from, to);
  }
  throw new BackupError(
    'TARGET_TAKEN',
    `${to.store.address} holds another archive: it has no commit in common with ${from.store.address}.`,
    { hint: 'Copy into an empty place, or into an earlier copy of this archive; nothing was changed.' },
  );
}

/** All commits that lead to one, nearest first, it among them. Throws STORE_DAMAGED. */
async function* ancestors(repository: Repository, commit: string): AsyncGenerator<string> {
  const seen = new Set([commit]);
  for (const oid of seen) {
    yield oid;
    for (const parent of (await repository.commit(oid)).parents) seen.add(parent);
  }
}

function ahead(from: Side, to: Side): BackupError {
  return new BackupError(
    'TARGET_TAKEN',
    `${to.store.address} is ahead of ${from.store.address}: runs have added to it.`,
    {
      hint: 'Copy the other way round, or into an empty place; nothing was changed.',
    },
  );
}

function diverged(from: Side, to: Side): BackupError {
  return new BackupError(
    'TARGET_TAKEN',
    `${to.store.address} and ${from.store.address} were one archive once, but runs have added to both since.`,
    { hint: 'Copy into an empty place, and keep the other as it is; nothing was changed.' },
  );
}
