import { PackIndex } from '../../git/pack/pack-index.ts';
import { findIndex } from '../../git/pack/packs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { hasBit, newBits, setBit, type Bits } from './bits.ts';
import type { ReadPack } from './state.ts';

/** A pack that was read, with its index. */
interface Entry {
  pack: ReadPack;
  index: PackIndex;
}

/**
 * What is known of every object of the packs that were read: a few bits each, beside the indexes of the packs, 28 bytes an object. So it is
 * small, whatever the objects hold, and can be written down.
 */
export class Catalog {
  #entries: Entry[] = [];
  /** met, and in no pack that was read: loose objects, and what is missing */
  #elsewhere: Set<string>;

  /** @param elsewhere what was met in no pack, as `elsewhere` gave it */
  constructor(elsewhere: Iterable<string> = []) {
    this.#elsewhere = new Set(elsewhere);
  }

  /** The packs, with their indexes as the store has them now; undefined when one of those is not there any more. */
  static async open(
    store: BlobStore,
    packs: readonly ReadPack[],
    elsewhere: Iterable<string>,
  ): Promise<Catalog | undefined> {
    const catalog = new Catalog(elsewhere);
    for (const pack of packs) {
      if (pack.count === 0) continue;
      const index = pack.index ? PackIndex.read(Buffer.from(pack.index)) : await findIndex(store, pack.name);
      if (index?.count !== pack.count) return undefined;
      catalog.add(pack, index);
    }
    return catalog;
  }

  /** Takes in a pack that was read. */
  add(pack: ReadPack, index: PackIndex): void {
    this.#entries.push({ pack, index });
  }

  /** Knows of no other packs than these any more. */
  keep(packs: readonly ReadPack[]): void {
    this.#entries = this.#entries.filter(({ pack }) => packs.includes(pack));
  }

  /** Objects in all, counted once for each pack that has them. */
  get count(): number {
    return this.#entries.reduce((sum, { index }) => sum + index.count, 0);
  }

  /** The index of a pack that was read. */
  index(pack: string): PackIndex | undefined {
    return this.#entries.find(({ pack: { name } }) => name === pack)?.index;
  }

  /** The packs that have an object. */
  packsWith(oid: string): string[] {
    const wanted = Buffer.from(oid, 'hex');
    return this.#entries.filter(({ index }) => index.position(wanted) !== undefined).map(({ pack: { name } }) => name);
  }

  /** Was it read whole, and is it what its id says? */
  isSound(oid: string): boolean {
    return this.#is(oid, ({ sound }) => sound);
  }

  /** Is it sound, and no backup.json that names a Git LFS object? */
  namesNothing(oid: string): boolean {
    return this.isSound(oid) && !this.#is(oid, ({ naming }) => naming);
  }

  /** Notes that it was met; false when it had been. @param inItem what lies in an item's folder is met apart */
  meet(oid: string, inItem = false): boolean {
    const wanted = Buffer.from(oid, 'hex');
    for (const { pack, index } of this.#entries) {
      const place = index.position(wanted);
      if (place !== undefined) return setBit(inItem ? pack.metInItem : pack.met, place);
    }
    const key = inItem ? `${oid} in an item` : oid;
    if (this.#elsewhere.has(key)) return false;
    this.#elsewhere.add(key);
    return true;
  }

  /** Nothing was met. */
  forget(): void {
    this.#elsewhere = new Set();
    for (const { pack } of this.#entries) {
      pack.met = newBits(pack.count);
      pack.metInItem = newBits(pack.count);
    }
  }

  /** What was met in no pack. */
  get elsewhere(): ReadonlySet<string> {
    return this.#elsewhere;
  }

  #is(oid: string, bits: (pack: ReadPack) => Bits): boolean {
    const wanted = Buffer.from(oid, 'hex');
    return this.#entries.some(({ pack, index }) => {
      const place = index.position(wanted);
      return place !== undefined && hasBit(bits(pack), place);
    });
  }
}
