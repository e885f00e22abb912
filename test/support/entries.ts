import { indexOfPack, infoPacks, packName, readPacks } from '../../lib/git/layout.ts';
import { PackIndex } from '../../lib/git/pack-index.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';

/**
 * What of an archive can still be read, told without the reader of the archive: every object's entry is known from the days
 * when the archive was whole, and looked for byte by byte.
 */
export class Entries {
  readonly #entries = new Map<string, Buffer>();
  /** blobs as they were, and which objects they hold */
  readonly #known = new Map<string, { bytes: Buffer; oids: string[] }>();

  /** Learns the objects of a sound archive. */
  static async of(store: BlobStore): Promise<Entries> {
    const entries = new Entries();
    for await (const { name } of store.list('objects/pack/'))
      if (name.endsWith('.pack')) await entries.#learn(store, name);
    return entries;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Ids of the objects that lie whole in any pack, listed or not, in its place or set aside, with an index or without. */
  async readable(store: BlobStore): Promise<Set<string>> {
    const found = new Set<string>();
    for await (const { name } of store.list('')) {
      if (!/(^|\/)objects\/pack\//.test(name)) continue;
      const { bytes } = (await store.get(name)) ?? { bytes: Buffer.alloc(0) };
      for (const oid of this.#in(name, bytes)) found.add(oid);
    }
    return found;
  }

  /** Ids of those that lie whole in a listed pack, where its index says. */
  async listed(store: BlobStore): Promise<Set<string>> {
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
    const known = this.#known.get(/pack-[0-9a-f]{40}\.pack$/.exec(name)?.[0] ?? '');
    if (known?.bytes.equals(bytes) === true) return known.oids;
    return [...this.#entries].filter(([, entry]) => bytes.includes(entry)).map(([oid]) => oid);
  }

  async #learn(store: BlobStore, name: string): Promise<void> {
    const bytes = (await store.get(name))?.bytes ?? Buffer.alloc(0);
    const index = PackIndex.read((await store.get(name.replace(/pack$/, 'idx')))?.bytes ?? Buffer.alloc(0));
    const sorted = [...(index?.entries() ?? [])].sort((a, b) => a.offset - b.offset);
    for (const [n, { oid, offset }] of sorted.entries())
      this.#entries.set(oid, bytes.subarray(offset, sorted[n + 1]?.offset ?? bytes.length - 20));
    this.#known.set(name.slice(-50), { bytes, oids: sorted.map(({ oid }) => oid) });
  }
}
