import type { Archive } from '../../archive/archive.ts';
import { writeFold } from '../../archive/folds.ts';
import { readHold } from '../../archive/legal-hold.ts';
import { releaseName } from '../../archive/layout.ts';
import type { Head } from '../../archive/repository.ts';
import type { RunHolder } from '../../archive/runs/run-holder.ts';
import { isBeforeRestore } from '../../backup/before-restore.ts';
import { keepLast, keptByAge, type Did } from '../../backup/keep.ts';
import type { Clock } from '../../clock.ts';
import { BackupError, isCode } from '../../errors.ts';
import { heldArchive } from '../../history/held-archive.ts';
import type { History } from '../../history/history.ts';
import { readHistory } from '../../history/read-history.ts';
import { changedGroups } from './groups.ts';
import { readOwnCommits } from './own-commits.ts';
import { isOwnMessage, rewrite, type OwnCommit } from './rewrite.ts';

/** What thinning out needs besides the archive. */
export interface Retention {
  /** BACKUP_KEEP */
  keepDays: number;
  /** a run that is under way on another host: its commit would find the branch moved */
  runElsewhere: () => Promise<RunHolder | undefined>;
}

/** What thinning out the history would do. */
export interface FoldPlan {
  head: Head;
  /** the commits that are written anew or go, one after the other, oldest first */
  commits: (OwnCommit & { stays: boolean })[];
  /** before the first of them; undefined where that is the first of all */
  parent: string | undefined;
}

/**
 * Which commits would go by now; undefined when none does. Only what runs have committed since the last commit of somebody else:
 * that one and all before it stay as they are. Throws STORE_DAMAGED when the history cannot be read whole: then nothing goes.
 * @param keepDays BACKUP_KEEP
 */
export async function planFold(archive: Archive & { clock: Clock }, keepDays: number): Promise<FoldPlan | undefined> {
  const head = await archive.repository.head();
  if (head === undefined) return undefined;
  const now = archive.clock.now();
  // What the index knows is enough to see that there is nothing to do, as on most nights.
  const told = await readHistory(archive);
  if (told.head?.oid !== head.commit || !foldedIn(told, now, keepDays)) return undefined;
  const { repository } = heldArchive(archive);
  const own = await readOwnCommits(repository, head.commit);
  const groups = await changedGroups(repository, own);
  const kept = (history: History) => {
    const changes = new Map(history.commits.map((commit) => [commit.oid, commit.changes]));
    const all = own.map(({ oid, time, message }, n) => ({
      time,
      stays: isBeforeRestore(message),
      changes: new Map<string, Did>([...(changes.get(oid) ?? []), ...(groups[n] ?? [])]),
    }));
    return chosen(all, now, keepDays);
  };
  if (!kept(told).includes(false)) return undefined;
  const history = await readHistory(archive, new Map());
  if (history.damages.length > 0) throw unreadable(history.damages);
  const stays = kept(history);
  const first = stays.indexOf(false);
  if (first === -1) return undefined;
  const commits = own.slice(first).map((commit, n) => ({ ...commit, stays: stays[first + n] === true }));
  return { head, commits, parent: own[first]?.parent };
}

function unreadable([damage = '']: readonly string[]): BackupError {
  return new BackupError(
    'STORE_DAMAGED',
    `Nothing was thinned out, because the history cannot be read whole. ${damage}`,
  );
}

/** Would any commit go, by what the history tells without being read from git? */
function foldedIn({ commits }: History, now: number, keepDays: number): boolean {
  const oldestFirst = commits.toReversed();
  const firstOwn =
    oldestFirst.findLastIndex(({ parents, message }) => parents.length > 1 || !isOwnMessage(message)) + 1;
  const own = oldestFirst.slice(firstOwn);
  const dated = own.map(({ time, message, changes }) => ({ time, stays: isBeforeRestore(message), changes }));
  return chosen(dated, now, keepDays).includes(false);
}

function chosen(
  commits: readonly { time: number; stays: boolean; changes: ReadonlyMap<string, Did> }[],
  now: number,
  keepDays: number,
): boolean[] {
  return keepLast(
    keptByAge(commits, keepDays, now),
    commits.map(({ changes }) => changes),
  );
}

/**
 * Thins the history out: one pack with the commits anew, a note of what becomes of which, then the branch, which is the only step
 * that is seen. Nothing is deleted. Does nothing under a legal hold, beside a run of another host, or when a run has published
 * meanwhile. May be run again after any failure.
 * @returns how many commits went
 */
export async function fold(
  archive: Archive & { clock: Clock },
  { keepDays, runElsewhere }: Retention,
): Promise<number> {
  const { store, repository } = archive;
  const isStopped = async () => (await readHold(store)) !== undefined || (await runElsewhere()) !== undefined;
  if (await isStopped()) return 0;
  const plan = await planFold(archive, keepDays);
  if (plan === undefined) return 0;
  const { commits, renamed, folded } = rewrite(plan.commits, plan.parent);
  const from = plan.head.commit;
  const to = commits.at(-1)?.oid ?? from;
  const confirm = async () => {
    await store.put(releaseName(to), Buffer.from(`${from}\n`));
    await writeFold(store, { from, to, renamed, folded });
    if (await isStopped()) throw new BackupError('BRANCH_MOVED', 'A run or a legal hold has begun meanwhile.');
  };
  try {
    await repository.replace(
      plan.head,
      commits.map(({ bytes }) => bytes),
      confirm,
    );
  } catch (error) {
    if (!isCode(error, 'BRANCH_MOVED')) throw error;
    return 0;
  }
  return Object.keys(folded).length;
}
