import assert from 'node:assert/strict';
import { manifestBytes } from '../../../lib/archive/item-manifest.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { allRetired } from '../../../lib/archive/layout.ts';
import { allPacks } from '../../../lib/git/layout.ts';
import { namesOf } from '../../../lib/storage/json-blobs.ts';
import { mergePacks } from '../../../lib/upkeep/maintain/merge-packs.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { commitFiles, countedNames, newArchive, testClock, type Files } from '../../archive/archive.ts';

export const day = 86_400_000;

/** An item's folder as a commit of a test has it. */
export function item(id: string, text: string | null, owner = 'ana'): Files {
  const path = `content/${owner}/None/PDF/${id}`;
  if (text === null) return { [`${path}/backup.json`]: null, [`${path}/data.txt`]: null };
  const named = { format: 1 as const, id, owner, folder: 'None', folderId: null, type: 'PDF', title: id, stamp: text };
  return {
    [`${path}/backup.json`]: manifestBytes({ ...named, parts: [], uses: [], notes: [] }),
    [`${path}/data.txt`]: text,
  };
}

let seeds = 0;
type TestClock = ReturnType<typeof testClock>;

/** An archive whose commits a test makes up, with the store's and our clock at that day. */
export class Years<Store extends BlobStore = MemoryStore> {
  readonly clock: TestClock;
  readonly store: Store;
  /** ids of the commits, oldest first */
  commits: string[] = [];
  #night: ReturnType<Years['open']> | undefined;

  constructor(now: number, open: (clock: TestClock) => Store) {
    this.clock = testClock(now);
    this.store = open(this.clock);
  }

  static async begin(start: string): Promise<Years>;
  static async begin<S extends BlobStore>(start: string, open: (clock: TestClock) => S): Promise<Years<S>>;
  static async begin(start: string, open = (clock: TestClock): BlobStore => new MemoryStore({ clock })) {
    const years = new Years(Date.parse(`${start}T02:00:00Z`), open);
    await newArchive('years', years.store);
    return years;
  }

  /** The same once more, which goes on by itself. */
  static copy({ clock, store, commits }: Years): Years {
    const copy = new Years(clock.now(), (own) => store.snapshot(own));
    copy.commits = [...commits];
    return copy;
  }

  /** The archive, opened anew; over a copy of the store, or with something around it, when it is given. */
  open(store: BlobStore = this.store) {
    const random = countedNames(`opened ${seeds++}`);
    return { store, clock: this.clock, random, repository: openRepository(store, { random, clock: this.clock }) };
  }

  /** What a run commits today, then a day passes; its id. */
  async night(files: Files, message?: string): Promise<string> {
    const { store, repository } = (this.#night ??= this.open());
    const base = await repository.head();
    const n = this.commits.length;
    const today = new Date(this.clock.now()).toISOString().slice(0, 10);
    const own = `Backup ${today}: 1 changed\n\n~ Line\n\nRun-Id: ${n}\nListed: 1\n`;
    const commit = await commitFiles(store, repository, files, {
      base,
      message: message ?? own,
      timeMs: this.clock.now(),
    });
    this.commits.push(commit);
    this.clock.advance(day);
    return commit;
  }

  /** Its packs become one, as after some years. */
  async pack(): Promise<void> {
    const merged = await mergePacks(this.store, this.open());
    for (const { name } of await Array.fromAsync(this.store.list(allPacks)))
      if (merged !== undefined && !name.includes(merged.name)) await this.store.delete(name);
    await Promise.all(
      (await Array.fromAsync(namesOf(this.store.list(allRetired)))).map((name) => this.store.delete(name)),
    );
  }

  /** Goes on to a day. */
  goTo(date: string): void {
    const ms = Date.parse(`${date}T02:00:00Z`) - this.clock.now();
    assert.ok(ms >= 0);
    this.clock.advance(ms);
  }
}

/** That nobody else runs. */
export const retention = (keepDays: number) => ({ keepDays, runElsewhere: () => Promise.resolve(undefined) });
