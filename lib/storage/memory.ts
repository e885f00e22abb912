import type { Clock } from '../clock.ts';
import type { Blob, BlobInfo, BlobStore, Condition, Range } from './blob-store.ts';
import { holds } from './condition.ts';
import { checkName, checkPrefix, compareNames } from './names.ts';

/** bytes */
const pieceSize = 65_536;

interface Kept {
  bytes: Buffer;
  etag: string;
  modified: number;
}

/** A store in memory, as strict as Azure's: conditions are exact, bytes are copied in and out, every write has a new ETag. */
export class MemoryStore implements BlobStore {
  readonly address = 'memory:';
  readonly #blobs = new Map<string, Kept>();
  readonly #clock: Clock;
  #writes = 0;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  create(): Promise<void> {
    return Promise.resolve();
  }

  async get(name: string, range?: Range): Promise<Blob | undefined> {
    const kept = this.#blobs.get(checkName(name));
    if (kept === undefined) return Promise.resolve(undefined);
    const { start = 0, length = kept.bytes.length } = range ?? {};
    return Promise.resolve({ ...infoOf(name, kept), bytes: Buffer.from(kept.bytes.subarray(start, start + length)) });
  }

  async stream(name: string, range?: Range): Promise<{ info: BlobInfo; body: AsyncIterable<Uint8Array> } | undefined> {
    const blob = await this.get(name, range);
    if (blob === undefined) return undefined;
    const { bytes, ...info } = blob;
    return { info, body: pieces(bytes) };
  }

  async stat(name: string): Promise<BlobInfo | undefined> {
    const kept = this.#blobs.get(checkName(name));
    return Promise.resolve(kept && infoOf(name, kept));
  }

  async put(name: string, bytes: Uint8Array, condition?: Condition): Promise<string | undefined> {
    const kept = this.#blobs.get(checkName(name));
    if (!holds(condition, kept?.etag)) return Promise.resolve(undefined);
    return Promise.resolve(this.#write(name, Buffer.from(bytes)).etag);
  }

  async putStream(name: string, body: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    checkName(name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
    return infoOf(name, this.#write(name, Buffer.concat(chunks)));
  }

  async copy(from: string, to: string): Promise<boolean> {
    const kept = this.#blobs.get(checkName(from));
    checkName(to);
    if (kept === undefined) return Promise.resolve(false);
    this.#write(to, kept.bytes);
    return Promise.resolve(true);
  }

  async delete(name: string, etag?: string): Promise<void> {
    const kept = this.#blobs.get(checkName(name));
    if (etag === undefined || kept?.etag === etag) this.#blobs.delete(name);
    return Promise.resolve();
  }

  async *list(prefix: string): AsyncGenerator<BlobInfo> {
    checkPrefix(prefix);
    const names = [...this.#blobs.keys()].filter((name) => name.startsWith(prefix)).sort(compareNames);
    for (const name of names) {
      // Azure's pages too may miss what goes while the listing is read.
      const kept = this.#blobs.get(name);
      if (kept) yield await Promise.resolve(infoOf(name, kept));
    }
  }

  /** Another store with the same blobs, ETags and times; both go on by themselves. @param clock another one for it */
  snapshot(clock = this.#clock): MemoryStore {
    const copy = new MemoryStore({ clock });
    for (const [name, kept] of this.#blobs) copy.#blobs.set(name, kept);
    copy.#writes = this.#writes;
    return copy;
  }

  #write(name: string, bytes: Buffer): Kept {
    this.#writes += 1;
    const kept = { bytes, etag: `"${this.#writes}"`, modified: this.#clock.now() };
    this.#blobs.set(name, kept);
    return kept;
  }
}

function infoOf(name: string, { bytes, etag, modified }: Kept): BlobInfo {
  return { name, size: bytes.length, etag, modified };
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield await Promise.resolve(bytes.subarray(at, at + pieceSize));
}
