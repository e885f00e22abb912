import { isBeforeRestore } from '../../backup/before-restore.ts';
import { runOf } from '../../backup/report.ts';
import { hashObject } from '../../git/pack/pack-entry.ts';

/** A commit that a run made, with its bytes. */
export interface OwnCommit {
  oid: string;
  tree: string;
  parent: string | undefined;
  /** epoch ms */
  time: number;
  message: string;
  bytes: Buffer;
}

/** A history without some of its commits. */
export interface Rewritten {
  /** new ones, oldest first */
  commits: { oid: string; bytes: Buffer }[];
  /** the new ids of those that stay, by the old ones */
  renamed: Record<string, string>;
  /** by the id of each that goes: the one that now stands for it, the next later one */
  folded: Record<string, string>;
}

/**
 * The same commits with the same trees, times and authors, without those that do not stay; the same every time. Each says in a
 * trailer how many it stands for besides itself.
 * @param commits one after the other, oldest first; the last one stays
 * @param parent of the first one
 */
export function rewrite(commits: readonly (OwnCommit & { stays: boolean })[], parent: string | undefined): Rewritten {
  const result: Rewritten = { commits: [], renamed: {}, folded: {} };
  let before = parent;
  let waiting: OwnCommit[] = [];
  for (const commit of commits) {
    if (!commit.stays) {
      waiting.push(commit);
      continue;
    }
    const count = waiting.reduce((sum, { bytes }) => sum + 1 + foldedIn(bytes), 0);
    const bytes = withFolded(withParent(commit.bytes, before), count);
    const oid = hashObject('commit', bytes);
    result.commits.push({ oid, bytes });
    result.renamed[commit.oid] = oid;
    for (const gone of waiting) result.folded[gone.oid] = oid;
    before = oid;
    waiting = [];
  }
  return result;
}

const author = 'ago-backup <ago-backup@localhost>';

/**
 * Reads a commit that a run made, or a restore before it began: with our name, one parent at most, and nothing besides.
 * Undefined for any other: a merge, a signed one, a person's. https://git-scm.com/docs/git-commit-tree
 */
export function readOwn(oid: string, bytes: Buffer): OwnCommit | undefined {
  const found =
    /^tree ([0-9a-f]{40})\n(?:parent ([0-9a-f]{40})\n)?author (.*) \d+ \+0000\ncommitter (.*) (\d+) \+0000\n\n/.exec(
      bytes.toString('latin1'),
    );
  const [, tree = '', parent, by, committer, seconds] = found ?? [];
  const message = bytes.subarray(found?.[0].length).toString();
  if (by !== author || committer !== author || !isOwnMessage(message)) return undefined;
  return { oid, tree, parent, time: Number(seconds) * 1000, message, bytes };
}

/** Does the message of a commit say that a run made it, or a restore before it began? */
export function isOwnMessage(message: string): boolean {
  return runOf(message) !== undefined || isBeforeRestore(message);
}

function withParent(bytes: Buffer, parent: string | undefined): Buffer {
  const line = parent === undefined ? '' : `parent ${parent}\n`;
  const text = bytes.toString('latin1').replace(/^(tree .*\n)(?:parent .*\n)?/, `$1${line}`);
  return Buffer.from(text, 'latin1');
}

const trailer = /\nFolded: (\d+)\n$/;

/** How many commits this one stands for already. */
function foldedIn(bytes: Buffer): number {
  return Number(trailer.exec(bytes.toString('latin1'))?.[1] ?? 0);
}

function withFolded(bytes: Buffer, more: number): Buffer {
  if (more === 0) return bytes;
  const text = bytes.toString('latin1').replace(trailer, '\n');
  // A commit without trailers gets a paragraph of them.
  const gap = runOf(text) === undefined ? '\n' : '';
  return Buffer.from(`${text}${gap}Folded: ${more + foldedIn(bytes)}\n`, 'latin1');
}
