import { BackupError, isCode } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { indexOfPack } from '../layout.ts';
import { PackIndex } from './pack-index.ts';
import { listedPacks } from './pack-list.ts';
import { Lru } from '../lru.ts';
import { ObjectTable } from './object-table.ts';

/** Where an object starts. */
export interface Place {
  pack: string;
  /** bytes from the start of the pack */
  offset: number;
}

/**
 * Indexes kept in memory, bytes; one of 100,000 objects has 3 MB. An object is looked for in one after the other: where they do not fit,
 * each is fetched anew for every object. A thousand nights of 200 changes have 40 MB.
 */
const mostIndexBytes = 256 * 1024 * 1024;

/** The packs that objects/info/packs lists, newest first unless another order is asked for. An index is fetched when it is needed and kept: packs never change. */
export class Packs {
  readonly #store: BlobStore;
  readonly #indexes = new Lru<PackIndex>(mostIndexBytes, (index) => index.size);
  #list: Promise<string[]> | undefined;

  readonly #fixed: readonly string[] | undefined;
  readonly #held: (pack: string) => PackIndex | undefined;
  readonly #isOldFirst: boolean;
  /** packs whose indexes were fetched */
  readonly #seen = new Set<string>();

  /**
   * @param fixed these packs in place of the list
   * @param held indexes that somebody holds already
   * @param order in which packs an object is looked for. `oldest first`, for who reads something of all years: where an index is at hand, then
   * from the oldest on. Merging made those the largest; who reads only what is latest would fetch their indexes, of tens of megabytes, for nothing.
   */
  constructor(
    store: BlobStore,
    fixed?: readonly string[],
    held: (pack: string) => PackIndex | undefined = () => undefined,
    order: 'newest first' | 'oldest first' = 'newest first',
  ) {
    this.#store = store;
    this.#fixed = fixed;
    this.#held = held;
    this.#isOldFirst = order === 'oldest first';
  }

  /** Forgets which packs there are. */
  refresh(): void {
    this.#list = undefined;
  }

  /** Where the object is. Throws STORE_DAMAGED when an index is missing or damaged. */
  async find(oid: string): Promise<Place | undefined> {
    return this.use(oid, (place) => Promise.resolve(place));
  }

  /**
   * Does something with the place of an object; undefined when it is nowhere. Another process may have published, merged or
   * swept since the list was read: so nothing is missing or damaged before it is so in the list as it is now.
   * Throws STORE_DAMAGED.
   */
  async use<T extends object>(oid: string, use: (place: Place) => Promise<T>): Promise<T | undefined> {
    const packs = await this.#packs();
    try {
      const used = await this.#useIn(packs, oid, use);
      if (used !== undefined || !(await this.#hasChanged(packs))) return used;
    } catch (error) {
      if (!isCode(error, 'STORE_DAMAGED') || !(await this.#hasChanged(packs))) throw error;
    }
    return this.#useIn(await this.#packs(), oid, use);
  }

  /**
   * Fetches the indexes of the packs in which objects of some commits most likely are: every run makes one pack, so those of the commit
   * before the latest are in the second. Merging makes that wrong for older ones, and then there is no such pack, or it does no harm.
   * @param ages of the latest commit 0, of the one before it 1
   */
  async expect(ages: readonly number[]): Promise<void> {
    const packs = await this.#packs();
    const likely = new Set(ages.flatMap((age) => packs[age] ?? []));
    await Promise.all([...likely].map((pack) => this.#index(pack).catch(() => undefined)));
  }

  /** All objects of the packs that are listed now. Throws STORE_DAMAGED when an index is missing or damaged. */
  async table(): Promise<ObjectTable> {
    const packs = await this.#packs();
    try {
      return await this.#tableOf(packs);
    } catch (error) {
      if (!isCode(error, 'STORE_DAMAGED') || !(await this.#hasChanged(packs))) throw error;
      return this.#tableOf(await this.#packs());
    }
  }

  async #tableOf(names: readonly string[]): Promise<ObjectTable> {
    return new ObjectTable(await Promise.all(names.map(async (name) => ({ name, index: await this.#index(name) }))));
  }

  /** Tries every pack that has the object, so that a damaged one costs nothing that another holds as well. */
  async #useIn<T>(listed: readonly string[], oid: string, use: (place: Place) => Promise<T>): Promise<T | undefined> {
    const { packs, seen } = this.#isOldFirst ? this.#oldestFirst(listed) : { packs: listed, seen: 0 };
    let damage: BackupError | undefined;
    for (const [n, pack] of packs.entries()) {
      // An old object is in the last of many packs: ever more indexes come together, and few too many where it is in the first.
      const away = n - seen;
      if (isPower(away)) for (const next of packs.slice(n, n + away)) this.#index(next).catch(() => undefined);
      try {
        const offset = (await this.#index(pack)).find(oid);
        if (offset !== undefined) return await use({ pack, offset });
      } catch (error) {
        if (!isCode(error, 'STORE_DAMAGED')) throw error;
        damage ??= error;
      }
    }
    if (damage !== undefined) throw damage;
    return undefined;
  }

  /** The newest has the latest commit, which everybody asks for first. */
  #oldestFirst(listed: readonly string[]): { packs: string[]; seen: number } {
    const seen = listed.filter((pack) => this.#seen.has(pack));
    if (seen.length === 0) return { packs: [...listed.slice(0, 1), ...listed.slice(1).reverse()], seen: 0 };
    return { packs: [...seen, ...listed.filter((pack) => !this.#seen.has(pack)).reverse()], seen: seen.length };
  }

  async #hasChanged(used: readonly string[]): Promise<boolean> {
    // Somebody else may have asked again meanwhile; and what that gave need not be another list.
    if ((await this.#packs()) === used) this.refresh();
    return (await this.#packs()).join() !== used.join();
  }

  #packs(): Promise<readonly string[]> {
    if (this.#fixed !== undefined) return Promise.resolve(this.#fixed);
    if (this.#list !== undefined) return this.#list;
    const reading = listedPacks(this.#store);
    this.#list = reading;
    // A failed read must not be remembered as the answer.
    reading.catch(() => {
      if (this.#list === reading) this.#list = undefined;
    });
    return reading;
  }

  async #index(pack: string): Promise<PackIndex> {
    const index = this.#held(pack) ?? (await this.#indexes.get(pack, () => fetchIndex(this.#store, pack)));
    this.#seen.add(pack);
    return index;
  }
}

/** Is it 2, 4, 8, …? */
function isPower(n: number): boolean {
  return n > 1 && (n & (n - 1)) === 0;
}

/** A pack's index. Throws STORE_DAMAGED when it is missing or damaged. */
export async function fetchIndex(store: BlobStore, pack: string): Promise<PackIndex> {
  const index = await findIndex(store, pack);
  if (index === undefined) throw new BackupError('STORE_DAMAGED', `${indexOfPack(pack)} is missing or damaged.`);
  return index;
}

/** A pack's index; undefined when it is missing or damaged. */
export async function findIndex(store: BlobStore, pack: string): Promise<PackIndex | undefined> {
  const blob = await store.get(indexOfPack(pack));
  return blob && PackIndex.read(blob.bytes);
}
