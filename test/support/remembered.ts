import { createHash } from 'node:crypto';
import { indexOfPack, infoPacks, packName, readPacks } from '../../lib/git/layout.ts';
import { largeName } from '../../lib/archive/layout.ts';
import { PackIndex } from '../../lib/git/pack/pack-index.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';

/** What of an archive can be read. */
export interface Kept {
  /** ids of objects that lie whole in any pack, listed or not, in its place or set aside, with an index or without */
  objects: Set<string>;
  /** of those that lie whole in a listed pack, where its index says */
  listed: Set<string>;
  /** SHA-256 of Git LFS objects that lie whole anywhere */
  large: Set<string>;
  /** of those that lie under their own name */
  placed: Set<string>;
}

/**
 * What an archive held when it was whole: told without the archive's own reader, because every object's bytes in a pack are
 * known from then and looked for one by one.
 */
export class Remembered {
  readonly #entries = new Map<string, Buffer>();
  readonly #large = new Set<string>();
  /** packs as they were, and which objects they hold */
  readonly #packs = new Map<string, { bytes: Buffer; oids: string[] }>();

  /** Learns what a sound archive holds. */
  static async of(store: BlobStore): Promise<Remembered> {
    const remembered = new Remembered();
    for await (const { name } of store.list('objects/pack/'))
      if (name.endsWith('.pack')) await remembered.#learn(store, name);
    for await (const { name } of store.list('lfs/')) remembered.#large.add(name.slice(-64));
    return remembered;
  }

  /** How many objects there were. */
  get count(): number {
    return this.#entries.size;
  }

  /** What of them a store has. */
  async kept(store: BlobStore): Promise<Kept> {
    const kept: Kept = { objects: new Set(), listed: await this.#listed(store), large: new Set(), placed: new Set() };
    for await (const { name } of store.list('')) {
      const isPack = /(^|\/)objects\/pack\//.test(name);
      if (!isPack && !/(^|\/)lfs\//.test(name)) continue;
      const { bytes } = (await store.get(name)) ?? { bytes: Buffer.alloc(0) };
      if (isPack) for (const oid of this.#in(name, bytes)) kept.objects.add(oid);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      if (!this.#large.has(sha256)) continue;
      kept.large.add(sha256);
      if (name === largeName(sha256)) kept.placed.add(sha256);
    }
    return kept;
  }

  async #listed(store: BlobStore): Promise<Set<string>> {
    const found = new Set<string>();
    for (const name of readPacks((await store.get(infoPacks))?.bytes.toString() ?? '')) {
      const index = PackIndex.read((await store.get(indexOfPack(name)))?.bytes ?? Buffer.alloc(0));
      const pack = (await store.get(packName(name)))?.bytes ?? Buffer.alloc(0);
      for (const { oid, offset } of index?.entries() ?? []) {
        const entry = this.#entries.get(oid);
        if (entry?.equals(pack.subarray(offset, offset + entry.length)) === true) found.add(oid);
      }
    }
    return found;
  }

  #in(name: string, bytes: Buffer): string[] {
    const known = this.#packs.get(/pack-[0-9a-f]{40}\.pack$/.exec(name)?.[0] ?? '');
    if (known?.bytes.equals(bytes) === true) return known.oids;
    return [...this.#entries].filter(([, entry]) => bytes.includes(entry)).map(([oid]) => oid);
  }

  async #learn(store: BlobStore, name: string): Promise<void> {
    const bytes = (await store.get(name))?.bytes ?? Buffer.alloc(0);
    const index = PackIndex.read((await store.get(name.replace(/pack$/, 'idx')))?.bytes ?? Buffer.alloc(0));
    const sorted = [...(index?.entries() ?? [])].sort((a, b) => a.offset - b.offset);
    for (const [n, { oid, offset }] of sorted.entries())
      this.#entries.set(oid, bytes.subarray(offset, sorted[n + 1]?.offset ?? bytes.length - 20));
    this.#packs.set(name.slice(name.lastIndexOf('/') + 1), { bytes, oids: sorted.map(({ oid }) => oid) });
  }
}
