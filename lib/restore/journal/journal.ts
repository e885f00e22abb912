import { allRestores } from '../../archive/layout.ts';
import type { Clock } from '../../clock.ts';
import { startOf } from '../../archive/runs/run-history.ts';
import type { Sharing } from '../../arcgis/writing/writing.ts';
import { BackupError, isCode, type Failure } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { chunks, namesOf, readAllJson, readJson } from '../../storage/json-blobs.ts';
import type { AspectName, Home, Plan, Pointing, RowsWish } from '../words.ts';
import type { FolderTarget, LeftFolder } from '../folders/folder.ts';
import type { GroupTarget } from '../groups/group.ts';
import type { VersionAt } from '../version.ts';
import { hear, newStanding, type Entry, type Frozen, type News } from './entries.ts';

/** What a restore was asked for and has planned: the first that is written of it, before the portal hears anything. */
export interface Restore {
  restoreId: string;
  /** epoch ms */
  started: number;
  /** 16 hex digits that only this restore has: the mark of what it makes */
  mark: string;
  plan: Plan;
  /** by item id */
  versions: Record<string, VersionAt>;
  /** where each item is to lie, and with whom it is to be shared in the end, by item id */
  targets: Record<string, PlannedTarget>;
  /** what each group is to be, by its id in the archive */
  groups: Record<string, GroupTarget>;
  /** where its items lie; older plans have none */
  folders?: FolderTarget[];
  /** living items that name what the portal may call otherwise, although the plan does not foresee it; older plans have none */
  unforeseen?: Pointing[];
  /** folders that an undo deletes, if nothing is in them, by id */
  removes?: Record<string, LeftFolder>;
  only: AspectName[];
  /** the portal honours a wished id */
  honoursIds: boolean;
  /** how rows of hosted layers are put back; older plans do not have it */
  rows?: RowsWish;
  /** the restore that this one takes back */
  undoes: string | null;
}

/** Where an item goes. */
export interface PlannedTarget {
  home: Home;
  sharing: Sharing | null;
  /** the address of the service that the version is; null of what is none */
  service: string | null;
  /** the name of the service that is made; null where none is */
  name: string | null;
  /** the categories that it gets; null: those of its version */
  categories: string[] | null;
  /** the item that is compared and written, where it is not made anew */
  id: string;
  /** of a view that is made: the items that it shows */
  sources?: readonly string[];
  /** when the living item was changed last as it was planned, epoch ms; null where none lives */
  modified: number | null;
  /** of a hosted layer that lives, whose rows are put back: what tells whether they were edited since */
  edits?: string;
  /** of a hosted layer that a restore has closed to edits and not opened again: how it was */
  frozen?: Frozen;
}

const folderOf = (restoreId: string) => `${allRestores}${restoreId}/`;
const planName = (restoreId: string) => `${folderOf(restoreId)}plan.json`;
const entriesOf = (restoreId: string) => `${folderOf(restoreId)}journal/`;
const entryName = (restoreId: string, n: number) => `${entriesOf(restoreId)}${String(n).padStart(6, '0')}.json`;

/**
 * The journal of one restore, in the archive's store: entries, each written once under its number, by one writer. Anybody else may write
 * that it is to stop.
 */
export class Journal {
  readonly restore: Restore;
  readonly #store: BlobStore;
  readonly #clock: Clock;
  readonly entries: Entry[] = [];
  /** What it comes to so far. */
  readonly standing = newStanding();

  private constructor(store: BlobStore, clock: Clock, restore: Restore, entries: readonly Entry[]) {
    this.restore = restore;
    this.#store = store;
    this.#clock = clock;
    for (const entry of entries) this.#hear(entry);
  }

  /** Begins the journal of a new restore. */
  static async begin(store: BlobStore, clock: Clock, restore: Restore): Promise<Journal> {
    const bytes = Buffer.from(JSON.stringify(restore));
    const written = await store.put(planName(restore.restoreId), bytes, { absent: true });
    if (written === undefined) throw new WrittenElsewhere(restore.restoreId);
    return new Journal(store, clock, restore, []);
  }

  /** Opens the journal of a restore. Throws RESTORE_UNKNOWN, STORE_DAMAGED. */
  static async open(store: BlobStore, clock: Clock, restoreId: string): Promise<Journal> {
    const restore = await readRestore(store, restoreId);
    return new Journal(store, clock, restore, await readEntries(store, restoreId));
  }

  /**
   * Writes the next entry. Throws RUN_ACTIVE when somebody else writes in the same journal, and for a step that is to begin RESTORE_STOPPED
   * when somebody has stopped the restore.
   */
  async write(news: News): Promise<void> {
    for (;;) {
      if (news.kind === 'started') this.#refuseStopped();
      if (await this.#put(news)) return;
      const others = await this.follow();
      if (!others.every(({ kind }) => kind === 'stopped')) throw new WrittenElsewhere(this.restore.restoreId);
    }
  }

  /**
   * Takes the journal over from whoever wrote in it before: they can begin nothing any more. A step that they have just begun is waited
   * for, because what was sent may take effect later.
   * @param as `resumed`: also what was stopped goes on, and what failed is tried again
   */
  async takeOver(as: 'resumed' | 'taken'): Promise<void> {
    for (;;) {
      const last = this.entries.findLast(({ kind }) => !ofNobody.has(kind));
      const isBegun = last?.kind === 'started' || (last?.kind === 'folder' && last.is === 'making');
      const left = isBegun ? last.at + aftermath - this.#clock.now() : 0;
      if (left > 0) await this.#clock.sleep(Math.min(left, aftermath));
      const others = await this.follow();
      if (others.every(({ kind }) => ofNobody.has(kind)) && (await this.#put({ kind: as }))) return;
    }
  }

  /** Says that nobody is to begin another step, whoever writes here. */
  async stop(failure: Failure): Promise<void> {
    while (this.standing.stopped === null && !(await this.#put({ kind: 'stopped', failure }))) await this.follow();
  }

  /** Throws RESTORE_STOPPED when somebody has stopped the restore, by now. */
  async refuseStopped(): Promise<void> {
    await this.follow();
    this.#refuseStopped();
  }

  /** Reads what others have written meanwhile. */
  async follow(): Promise<Entry[]> {
    const { restoreId } = this.restore;
    const read: Entry[] = [];
    for (;;) {
      const entry = await readJson<Entry>(this.#store, entryName(restoreId, this.entries.length + 1));
      if (entry === undefined) return read;
      this.#hear(entry);
      read.push(entry);
    }
  }

  async #put(news: News): Promise<boolean> {
    const entry = { n: this.entries.length + 1, at: this.#clock.now(), ...news };
    const name = entryName(this.restore.restoreId, entry.n);
    const written = await this.#store.put(name, Buffer.from(JSON.stringify(entry)), { absent: true });
    if (written !== undefined) this.#hear(entry);
    return written !== undefined;
  }

  #hear(entry: Entry): void {
    // Of two who follow at the same time the second reads what the first has heard already.
    if (entry.n <= this.entries.length) return;
    this.entries.push(entry);
    hear(this.standing, entry);
  }

  #refuseStopped(): void {
    const { stopped } = this.standing;
    if (stopped !== null) throw new BackupError(stopped.code, stopped.message, stopped);
  }
}

/** Somebody else writes in the journal: who finds that out begins nothing any more. */
export class WrittenElsewhere extends BackupError {
  constructor(restoreId: string) {
    super('RUN_ACTIVE', `Restore ${restoreId} is under way in another process.`);
  }
}

/** ms for which a step that somebody else has begun may take effect after them. */
const aftermath = 60_000;
const ofNobody = new Set<Entry['kind']>(['stopped', 'resumed', 'taken']);

const idForm = /^[0-9a-f-]{36}$/;

async function readRestore(store: BlobStore, restoreId: string): Promise<Restore> {
  const restore = idForm.test(restoreId) ? await readJson<Restore>(store, planName(restoreId)) : undefined;
  // Of an older version it knows no groups.
  if (restore?.restoreId === restoreId) return { ...restore, groups: (restore as Partial<Restore>).groups ?? {} };
  throw new BackupError('RESTORE_UNKNOWN', `There is no restore ${restoreId.slice(0, 50)} in ${store.address}.`);
}

async function readEntries(store: BlobStore, restoreId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name, value } of readAllJson<Entry>(store, namesOf(store.list(entriesOf(restoreId))))) {
    if (name !== entryName(restoreId, entries.length + 1) || value.n !== entries.length + 1)
      throw gap(restoreId, entries.length + 1);
    entries.push(value);
  }
  return entries;
}

function gap(restoreId: string, n: number): BackupError {
  return new BackupError('STORE_DAMAGED', `The journal of restore ${restoreId} lacks entry ${n}.`);
}

/** What there is to see of one restore. */
export interface RestoreSummary {
  restoreId: string;
  /** ISO 8601 */
  started: string;
  account: string;
  items: number;
  /** null of one that has not ended: it is under way, was stopped, or was killed */
  outcome: string | null;
  undoes: string | null;
}

/** All restores that were begun, newest first: the audit trail. */
export async function listRestores(store: BlobStore): Promise<RestoreSummary[]> {
  const found = new Map<string, string[]>();
  for await (const { name } of store.list(allRestores)) {
    const [restoreId = '', ...path] = name.slice(allRestores.length).split('/');
    if (!idForm.test(restoreId)) continue;
    const entries = found.get(restoreId) ?? [];
    if (path[0] === 'journal') entries.push(name);
    found.set(restoreId, entries);
  }
  const all: RestoreSummary[] = [];
  for await (const ids of chunks([...found.keys()].sort().reverse(), 16))
    all.push(...(await Promise.all(ids.map((id) => summaryOf(store, id, found.get(id) ?? [])))));
  return all;
}

/** One that is damaged costs no other. @param names of its entries, of which the last says whether it has ended */
async function summaryOf(store: BlobStore, restoreId: string, names: readonly string[]): Promise<RestoreSummary> {
  try {
    const { started, plan, undoes } = await readRestore(store, restoreId);
    const last = names.at(-1);
    if (last !== undefined && last !== entryName(restoreId, names.length)) throw gap(restoreId, names.length);
    const entry = last === undefined ? undefined : await readJson<Entry>(store, last);
    const outcome = entry?.kind === 'ended' ? entry.result.outcome : null;
    const begun = new Date(started).toISOString();
    return { restoreId, started: begun, account: plan.target.account, items: plan.order.length, outcome, undoes };
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED', 'RESTORE_UNKNOWN')) throw error;
    const begun = new Date(startOf(restoreId)).toISOString();
    return { restoreId, started: begun, account: '', items: 0, outcome: 'damaged', undoes: null };
  }
}
