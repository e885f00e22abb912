import { allRestores } from '../../archive/layout.ts';
import type { Clock } from '../../clock.ts';
import { startOf } from '../../archive/runs/run-history.ts';
import type { Sharing } from '../../arcgis/writing/writing.ts';
import { BackupError, isCode } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { namesOf, readAllJson, readJson } from '../../storage/json-blobs.ts';
import type { AspectName, Home, Plan } from '../words.ts';
import type { VersionAt } from '../version.ts';
import { standingOf, type Entry, type News, type Standing } from './entries.ts';

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
  only: AspectName[];
  /** the portal honours a wished id */
  honoursIds: boolean;
  /** the restore that this one takes back */
  undoes: string | null;
}

/** Where an item goes. */
export interface PlannedTarget {
  home: Home;
  sharing: Sharing | null;
  /** the address of the service that the version is; null of what is none */
  service: string | null;
  /** the categories that it gets; null: those of its version */
  categories: string[] | null;
  /** the item that is compared and written, where it is not made anew */
  id: string;
  /** when the living item was changed last as it was planned, epoch ms; null where none lives */
  modified: number | null;
}

const folderOf = (restoreId: string) => `${allRestores}${restoreId}/`;
const planName = (restoreId: string) => `${folderOf(restoreId)}plan.json`;
const entriesOf = (restoreId: string) => `${folderOf(restoreId)}journal/`;
const entryName = (restoreId: string, n: number) => `${entriesOf(restoreId)}${String(n).padStart(6, '0')}.json`;

/** The journal of one restore, in the archive's store: entries, each written once under its number, by one writer. */
export class Journal {
  readonly restore: Restore;
  readonly #store: BlobStore;
  readonly #clock: Clock;
  readonly #entries: Entry[];

  private constructor(store: BlobStore, clock: Clock, restore: Restore, entries: Entry[]) {
    this.restore = restore;
    this.#store = store;
    this.#clock = clock;
    this.#entries = entries;
  }

  /** Begins the journal of a new restore. */
  static async begin(store: BlobStore, clock: Clock, restore: Restore): Promise<Journal> {
    const bytes = Buffer.from(JSON.stringify(restore));
    const written = await store.put(planName(restore.restoreId), bytes, { absent: true });
    if (written === undefined) throw elsewhere(restore.restoreId);
    return new Journal(store, clock, restore, []);
  }

  /** Opens the journal of a restore. Throws RESTORE_UNKNOWN, STORE_DAMAGED. */
  static async open(store: BlobStore, clock: Clock, restoreId: string): Promise<Journal> {
    const restore = await readRestore(store, restoreId);
    return new Journal(store, clock, restore, await readEntries(store, restoreId));
  }

  /** What it comes to so far. */
  get standing(): Standing {
    return standingOf(this.#entries);
  }

  /** Writes the next entry. Throws RUN_ACTIVE when somebody else writes in the same journal. */
  async write(news: News): Promise<void> {
    const entry = { n: this.#entries.length + 1, at: this.#clock.now(), ...news };
    const name = entryName(this.restore.restoreId, entry.n);
    const written = await this.#store.put(name, Buffer.from(JSON.stringify(entry)), { absent: true });
    if (written === undefined) throw elsewhere(this.restore.restoreId);
    this.#entries.push(entry);
  }
}

function elsewhere(restoreId: string): BackupError {
  return new BackupError('RUN_ACTIVE', `Restore ${restoreId} is under way in another process.`);
}

const idForm = /^[0-9a-f-]{36}$/;

async function readRestore(store: BlobStore, restoreId: string): Promise<Restore> {
  const restore = idForm.test(restoreId) ? await readJson<Restore>(store, planName(restoreId)) : undefined;
  if (restore?.restoreId === restoreId) return restore;
  throw new BackupError('RESTORE_UNKNOWN', `There is no restore ${restoreId.slice(0, 50)} in ${store.address}.`);
}

async function readEntries(store: BlobStore, restoreId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name, value } of readAllJson<Entry>(store, namesOf(store.list(entriesOf(restoreId))))) {
    if (name !== entryName(restoreId, entries.length + 1) || value.n !== entries.length + 1)
      throw new BackupError('STORE_DAMAGED', `The journal of restore ${restoreId} lacks entry ${entries.length + 1}.`);
    entries.push(value);
  }
  return entries;
}

/** What there is to see of one restore. */
export interface RestoreSummary {
  restoreId: string;
  /** ISO 8601 */
  started: string;
  account: string;
  items: number;
  /** null of one that has not ended: it is under way, or was killed */
  outcome: string | null;
  undoes: string | null;
}

/** All restores that were begun, newest first: the audit trail. */
export async function listRestores(store: BlobStore): Promise<RestoreSummary[]> {
  const ids: string[] = [];
  for await (const { name } of store.list(allRestores)) {
    const id = name.slice(allRestores.length).replace(/\/plan\.json$/, '');
    if (idForm.test(id)) ids.push(id);
  }
  const all: RestoreSummary[] = [];
  for (const restoreId of ids.sort().reverse()) all.push(await summaryOf(store, restoreId));
  return all;
}

/** One that is damaged costs no other. */
async function summaryOf(store: BlobStore, restoreId: string): Promise<RestoreSummary> {
  try {
    const { started, plan, undoes } = await readRestore(store, restoreId);
    const { result } = standingOf(await readEntries(store, restoreId));
    const { account } = plan.target;
    const begun = new Date(started).toISOString();
    return { restoreId, started: begun, account, items: plan.order.length, outcome: result?.outcome ?? null, undoes };
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED', 'RESTORE_UNKNOWN')) throw error;
    const begun = new Date(startOf(restoreId)).toISOString();
    return { restoreId, started: begun, account: '', items: 0, outcome: 'damaged', undoes: null };
  }
}
