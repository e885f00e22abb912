import type { Clock } from '../../clock.ts';
import { BackupError, type Failure } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { readJson } from '../../storage/json-blobs.ts';
import { entryName, planName, readEntries, readRestore } from './blobs.ts';
import { hear, newStanding, type Entry, type News } from './entries.ts';
import type { Restore } from './restore.ts';

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
