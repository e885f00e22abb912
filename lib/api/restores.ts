import type { Archive } from '../archive/archive.ts';
import { matches } from '../backup/leave-out.ts';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { namedCommit, readAt } from '../history/at.ts';
import { confirm, WrongIndex } from '../history/confirm.ts';
import { findItem } from '../history/find-item.ts';
import type { History } from '../history/history.ts';
import { readHistory } from '../history/read-history.ts';
import { versionAt, type Seen } from '../history/version-at.ts';
import type { Log } from '../monitor/log.ts';
import type { RestoreDeps } from '../restore/deps.ts';
import { Journal, listRestores, type Restore, type RestoreSummary } from '../restore/journal/journal.ts';
import { makePlan } from '../restore/planning/make-plan.ts';
import { runRestore, type Tell } from '../restore/run-restore.ts';
import { planUndo } from '../restore/undo.ts';
import { aspectNames, type AskedMode, type AspectName, type RestoreResult } from '../restore/words.ts';

/** What a restore may be asked for. */
export interface RestoreRequest {
  /** as `findItem` takes them */
  items: readonly string[];
  /** patterns of members whose items are meant, all of them */
  users?: readonly string[];
  /** titles of folders; only items in these */
  folders?: readonly string[];
  all?: boolean;
  at?: string;
  mode?: AskedMode;
  only?: readonly string[];
  owner?: string | undefined;
  widenSharing?: boolean;
}

/** Restores, as the command and the HTTP API call them. */
export interface Restores {
  /** Looks at everything a restore would meet; writes nothing anywhere. Throws USAGE, ITEM_…, VERSION_UNKNOWN, RESTORE_…. */
  plan(request: RestoreRequest): Promise<Restore>;
  /** The plan that takes a restore back. Throws RESTORE_UNKNOWN, RESTORE_NOTHING. */
  planUndo(restoreId: string): Promise<Restore>;
  /** Does what was planned. Throws RESTORE_BLOCKED when nothing of it can be done, and what `runRestore` throws. */
  start(restore: Restore, tell?: Tell): Promise<RestoreResult>;
  /** Goes on with a restore that was killed or came to a bad end; of one that is at its end, its record. Throws RESTORE_UNKNOWN. */
  resume(restoreId: string, tell?: Tell): Promise<RestoreResult>;
  list(): Promise<RestoreSummary[]>;
}

const silent: Log = () => undefined;

/** Opens the restores of an archive. @param depsOf what one restore talks to */
export function openRestores(
  archive: Archive & { clock: Clock },
  depsOf: (id: string, log: Log) => RestoreDeps,
): Restores {
  const { store, clock } = archive;
  const deps = (id: string) => depsOf(id, silent);
  return {
    plan: (request) =>
      withHistory(archive, async (history) => {
        const now = clock.now();
        const at = request.at ?? 'latest';
        const versions = await choose({ archive, history }, { ...request, at }, now);
        for (const version of versions) await confirm(archive, version);
        const { mode = 'auto', owner, widenSharing = false } = request;
        const wish = { versions, at, mode, only: onlyOf(request.only), owner, widenSharing };
        return makePlan(deps(`plan ${now}`), history, wish);
      }),
    planUndo: async (restoreId) => {
      const own = deps(`undo ${restoreId}`);
      const journal = await Journal.open(store, own.run.clock, restoreId);
      return withHistory(archive, (history) => planUndo(own, history, journal));
    },
    start: async (restore, tell) => {
      refuseIdle(restore);
      const own = deps(restore.restoreId);
      return runRestore(own, await Journal.begin(store, own.run.clock, restore), tell);
    },
    resume: async (restoreId, tell) => {
      const own = deps(restoreId);
      const journal = await Journal.open(store, own.run.clock, restoreId);
      const { result } = journal.standing;
      return result?.outcome === 'complete' ? result : runRestore(own, journal, tell);
    },
    list: () => listRestores(store),
  };
}

function refuseIdle({ plan: { items, order } }: Restore): void {
  if (order.length > 0) return;
  const [first] = items.flatMap(({ title, blocked }) => (blocked === null ? [] : [{ title, blocked }]));
  const why = first === undefined ? 'No item was named.' : `${first.title}: ${first.blocked.message}`;
  throw new BackupError('RESTORE_BLOCKED', `Nothing of this can be restored. ${why}`, {
    ...(first !== undefined && { hint: first.blocked.hint }),
  });
}

function onlyOf(names: readonly string[] | undefined): readonly AspectName[] {
  if (names === undefined || names.length === 0) return aspectNames;
  const wrong = names.find((name) => !aspectNames.some((each) => each === name));
  if (wrong !== undefined)
    throw new BackupError('USAGE', `"${wrong.slice(0, 50)}" is nothing of an item.`, {
      hint: `Name some of these, with commas between them: ${aspectNames.join(', ')}.`,
    });
  return aspectNames.filter((name) => names.includes(name));
}

async function withHistory<T>(archive: Archive, work: (history: History) => Promise<T>): Promise<T> {
  try {
    return await work(await readHistory(archive));
  } catch (error) {
    if (!(error instanceof WrongIndex)) throw error;
    return work(await readHistory(archive, new Map()));
  }
}

async function choose(
  { archive, history }: { archive: Archive; history: History },
  { items, users = [], folders = [], all = false, at: text }: RestoreRequest & { at: string },
  now: number,
): Promise<Seen[]> {
  if (items.length === 0 && users.length === 0 && folders.length === 0 && !all)
    throw new BackupError('USAGE', 'Name the items, or --user, --folder or --all.');
  const at = readAt(text, now);
  const commit = namedCommit(history, at);
  const chosen = new Map<string, Seen>();
  for (const item of items) {
    const id = await findItem({ archive, history, at: commit }, item);
    chosen.set(id, versionAt(history, id, at));
  }
  if (users.length === 0 && folders.length === 0 && !all) return [...chosen.values()];
  for (const [id, { after }] of history.latest(commit)) {
    if (after === undefined || chosen.has(id)) continue;
    const isOfUser = users.length === 0 || users.some((pattern) => matches(pattern, after.owner));
    const isInFolder = folders.length === 0 || folders.includes(after.folder);
    if (isOfUser && isInFolder) chosen.set(id, versionAt(history, id, at));
  }
  if (chosen.size === 0) throw new BackupError('ITEM_UNKNOWN', 'There was no such item then.');
  return [...chosen.values()];
}
