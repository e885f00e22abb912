import type { Archive } from '../archive/archive.ts';
import { isBeforeRestore } from '../backup/before-restore.ts';
import { matches } from '../backup/leave-out.ts';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { namedCommit, readAt, type At } from '../history/at.ts';
import { confirm, WrongIndex } from '../history/confirm.ts';
import { findItem } from '../history/find-item.ts';
import { findGroupThen, type SavedGroup } from '../history/groups.ts';
import type { History } from '../history/history.ts';
import { readHistory } from '../history/read-history.ts';
import { versionAt, type Seen } from '../history/version-at.ts';
import type { Log } from '../monitor/log.ts';
import type { RestoreDeps } from '../restore/deps.ts';
import { Journal } from '../restore/journal/journal.ts';
import { listRestores, type RestoreSummary } from '../restore/journal/list.ts';
import type { Restore } from '../restore/journal/restore.ts';
import { makePlan } from '../restore/planning/make-plan.ts';
import type { Wish } from '../restore/planning/planning.ts';
import type { Tell } from '../restore/part.ts';
import { withUses } from '../restore/planning/with-uses.ts';
import { runRestore, takeUp } from '../restore/run-restore.ts';
import { planUndo } from '../restore/undo/plan-undo.ts';
import { aspectNames, type AskedMode, type AspectName, type RestoreResult, type RowsWish } from '../restore/words.ts';

/** What a restore may be asked for. */
export interface RestoreRequest {
  /** as `findItem` takes them */
  items: readonly string[];
  /** patterns of members whose items are meant, all of them */
  users?: readonly string[];
  /** ids or titles of groups, which come with their members and what was shared with them */
  groups?: readonly string[];
  /** titles of folders; only items in these */
  folders?: readonly string[];
  all?: boolean;
  /** what these need and is gone comes with them */
  withUses?: boolean;
  /** which versions; `latest`, also when not given, is the latest backup, not what a restore has saved of before */
  at?: string;
  mode?: AskedMode;
  only?: readonly string[];
  owner?: string | undefined;
  widenSharing?: boolean;
  /** living items that name what is made anew get its new names */
  repoint?: boolean;
  /** how rows of hosted layers are put back. What is gentle puts back rows alone, unless `only` says more */
  rows?: RowsWish['how'] | undefined;
  /** of rows that differ, only these fields */
  fields?: readonly string[] | undefined;
}

/** How a plan is made. */
export interface PlanningHow extends Pick<Wish, 'tell'> {
  /** more items are `TooMany` */
  most?: number;
}

/** More items than whoever asks can wait for. */
export class TooMany extends BackupError {
  constructor(items: number, most: number) {
    super('USAGE', `These are ${items} items; at most ${most} are planned at a time.`);
  }
}

/** Restores, as the command and the HTTP API call them. */
export interface Restores {
  /** Looks at everything a restore would meet; writes nothing anywhere. Throws USAGE, ITEM_…, VERSION_UNKNOWN, RESTORE_…, `TooMany`. */
  plan(request: RestoreRequest, how?: PlanningHow): Promise<Restore>;
  /** The plan that takes a restore back. Throws RESTORE_UNKNOWN, RESTORE_NOTHING. */
  planUndo(restoreId: string): Promise<Restore>;
  /** Writes down that it begins. Throws RESTORE_BLOCKED when nothing of it can be done. */
  begin(restore: Restore): Promise<Journal>;
  /** Does what was planned. Throws RESTORE_BLOCKED, and what `runRestore` throws. */
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
  const begin = (restore: Restore): Promise<Journal> => {
    refuseIdle(restore);
    return Journal.begin(store, clock, restore);
  };
  const run = (journal: Journal, tell: Tell = () => undefined): Promise<RestoreResult> =>
    runRestore(deps(journal.restore.restoreId), journal, tell);
  return {
    plan: (request, { most = Infinity, ...how } = {}) =>
      withHistory(archive, async (history) => {
        const now = clock.now();
        const at = latestBackup(history, request.at ?? 'latest');
        const own = deps(`plan ${now}`);
        const named = await choose({ archive, history }, { ...request, at, most }, now);
        const { mode = 'auto', owner, widenSharing = false, repoint = false } = request;
        const rows = rowsOf(request);
        const only = onlyOf(rows.how === 'all' ? request.only : (request.only ?? ['rows']));
        const groups = await groupsOf(archive, history, request.groups ?? [], readAt(at, now));
        const needing = { archive, history, versions: named, groups, at: readAt(at, now) };
        const versions =
          request.withUses === true ? await withUses({ ...needing, portal: (await own.restorer()).portal }) : named;
        for (const version of versions) await confirm(archive, version);
        const wish = { versions, groups, at, mode, only, owner, widenSharing, repoint, rows, ...how };
        return makePlan(own, history, wish);
      }),
    planUndo: async (restoreId) => {
      const own = deps(`undo ${restoreId}`);
      const journal = await Journal.open(store, own.run.clock, restoreId);
      return withHistory(archive, (history) => planUndo(own, history, journal));
    },
    begin,
    start: async (restore, tell) => run(await begin(restore), tell),
    resume: async (restoreId, tell) => {
      const { result } = (await Journal.open(store, clock, restoreId)).standing;
      if (result?.outcome === 'complete') return result;
      return run(await takeUp(deps(restoreId), restoreId, 'resumed'), tell);
    },
    list: () => listRestores(store),
  };
}

/** What a restore saved of before is what it was to mend: only who names its commit gets it back. */
function latestBackup({ commits }: History, at: string): string {
  if (at.trim().toLowerCase() !== 'latest') return at;
  const backup = commits.find(({ message }) => !isBeforeRestore(message));
  return backup === undefined || backup === commits[0] ? at : backup.oid;
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

function rowsOf({ rows = 'all', fields = [] }: RestoreRequest): RowsWish {
  if (!['all', 'missing', 'changed'].includes(rows))
    throw new BackupError('USAGE', `Rows are put back all, missing or changed, not "${rows.slice(0, 50)}".`);
  if (fields.length > 0 && rows !== 'changed')
    throw new BackupError('USAGE', 'Fields are named with the rows that changed.', { hint: 'Add --rows changed.' });
  return { how: rows, ...(fields.length > 0 && { fields }) };
}

async function withHistory<T>(archive: Archive, work: (history: History) => Promise<T>): Promise<T> {
  try {
    return await work(await readHistory(archive));
  } catch (error) {
    if (!(error instanceof WrongIndex)) throw error;
    return work(await readHistory(archive, new Map()));
  }
}

async function groupsOf(archive: Archive, history: History, names: readonly string[], at: At): Promise<SavedGroup[]> {
  const found = new Map<string, SavedGroup>();
  for (const name of names) {
    const group = await findGroupThen(archive, history, name, at);
    found.set(group.id, group);
  }
  return [...found.values()];
}

async function choose(
  { archive, history }: { archive: Archive; history: History },
  {
    items,
    users = [],
    folders = [],
    groups = [],
    all = false,
    at: text,
    most,
  }: RestoreRequest & { at: string; most: number },
  now: number,
): Promise<Seen[]> {
  if (items.length + users.length + folders.length + groups.length === 0 && !all)
    throw new BackupError('USAGE', 'Name the items, or --user, --folder, --group or --all.');
  const at = readAt(text, now);
  const commit = namedCommit(history, at);
  const chosen = new Map<string, Seen>();
  for (const item of items) {
    const id = await findItem({ archive, history, at: commit }, item);
    chosen.set(id, versionAt(history, id, at));
  }
  refuseMany(chosen.size, most);
  if (users.length === 0 && folders.length === 0 && !all) return [...chosen.values()];
  for (const [id, { after }] of history.latest(commit)) {
    if (after === undefined || chosen.has(id)) continue;
    const isOfUser = users.length === 0 || users.some((pattern) => matches(pattern, after.owner));
    const isInFolder = folders.length === 0 || folders.includes(after.folder);
    if (isOfUser && isInFolder) chosen.set(id, versionAt(history, id, at));
  }
  if (chosen.size === 0) throw new BackupError('ITEM_UNKNOWN', 'There was no such item then.');
  refuseMany(chosen.size, most);
  return [...chosen.values()];
}

function refuseMany(items: number, most: number): void {
  if (items > most) throw new TooMany(items, most);
}
