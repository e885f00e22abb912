import { BackupError } from '../errors.ts';

/** A commit, as far as we read it. */
export interface Commit {
  oid: string;
  /** the root tree */
  tree: string;
  /** none in the first one; several where a person merged */
  parents: readonly string[];
  /** of the committer, epoch ms */
  time: number;
  message: string;
}

/**
 * Reads a commit, also one that a person's git made, with a signature or other headers. Throws STORE_DAMAGED.
 * https://git-scm.com/docs/git-commit-tree, https://github.com/git/git/blob/master/commit.c
 */
export function decodeCommit(oid: string, bytes: Buffer): Commit {
  const text = bytes.toString();
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end + 1);
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const seconds = /^committer .*> (\d+) [+-]\d{4}$/m.exec(head)?.[1];
  if (tree === undefined || seconds === undefined)
    throw new BackupError('STORE_DAMAGED', `The commit ${oid} of the archive is damaged.`);
  const parents = [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((found) => found[1] ?? '');
  return { oid, tree, parents, time: Number(seconds) * 1000, message: end < 0 ? '' : text.slice(end + 2) };
}
