import type { PackIndex } from './pack-index.ts';

/** One of the packs of a table. */
export interface TablePack {
  name: string;
  index: PackIndex;
  /** the number of its first object */
  first: number;
}

/**
 * All objects of some packs, each under a number: a set of millions of them is a few bits each. An object that several packs
 * hold goes by the number that it has in the first of them.
 */
export class ObjectTable {
  readonly packs: readonly TablePack[];
  /** more than any number */
  readonly count: number;

  constructor(packs: readonly { name: string; index: PackIndex }[]) {
    let first = 0;
    this.packs = packs.map(({ name, index }) => {
      const pack = { name, index, first };
      first += index.count;
      return pack;
    });
    this.count = first;
  }

  /** The index of one of its packs; undefined of any other. */
  index(pack: string): PackIndex | undefined {
    return this.packs.find(({ name }) => name === pack)?.index;
  }

  /** The number of an object, whose 20 bytes of id lie `at` there; undefined when no pack has it. */
  find(oid: Buffer, at = 0): number | undefined {
    for (const { index, first } of this.packs) {
      const n = index.position(oid, at);
      if (n !== undefined) return first + n;
    }
    return undefined;
  }
}

/** Some of the objects of a table. */
export class ObjectSet {
  readonly #bits: Uint8Array;
  /** how many */
  size = 0;

  /** @param most more than any number in it */
  constructor(most: number) {
    this.#bits = new Uint8Array(Math.ceil(most / 8));
  }

  has(n: number): boolean {
    return ((this.#bits[n >> 3] ?? 0) & (1 << (n & 7))) !== 0;
  }

  /** False when it was there already. */
  add(n: number): boolean {
    if (this.has(n)) return false;
    this.#bits[n >> 3] = (this.#bits[n >> 3] ?? 0) | (1 << (n & 7));
    this.size += 1;
    return true;
  }
}
