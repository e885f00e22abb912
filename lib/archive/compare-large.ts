import { createHash } from 'node:crypto';
import { BackupError } from '../errors.ts';
import { largeName } from './layout.ts';
import type { BlobStore } from '../storage/blob-store.ts';

/**
 * Reads a body beside the Git LFS object that it was before. While they are the same nothing is written: a file that has not
 * changed costs no write, and the object keeps the time of its last one, by which it goes to the cold tier.
 * @returns undefined when the body is that object, and it is whole; else the body from its beginning, whose first part comes
 * from the object, so that nothing is downloaded twice. That throws STORE_UNREACHABLE (retryable) when it changed meanwhile.
 */
export async function readBeside(
  store: BlobStore,
  sha256: string,
  body: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const name = largeName(sha256);
  const there = await store.stream(name);
  if (there === undefined) return body;
  const mine = body[Symbol.asyncIterator]();
  const other = new Reader(there.body);
  const same = createHash('sha256');
  let length = 0;
  try {
    for (let next = await mine.next(); next.done !== true; next = await mine.next()) {
      if (!(await other.has(next.value))) {
        return join(store, { name, length, sha256: same.digest('hex') }, next.value, mine);
      }
      same.update(next.value);
      length += next.value.length;
    }
    const digest = same.digest('hex');
    if (length === there.info.size && digest === sha256) return undefined;
    return join(store, { name, length, sha256: digest }, new Uint8Array(), mine);
  } finally {
    await other.end();
  }
}

/** The beginning of a blob. */
interface Beginning {
  name: string;
  /** bytes */
  length: number;
  sha256: string;
}

async function* join(
  store: BlobStore,
  { name, length, sha256 }: Beginning,
  next: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    const hash = createHash('sha256');
    const beginning = length === 0 ? undefined : await store.stream(name, { start: 0, length });
    for await (const piece of beginning?.body ?? []) {
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== sha256) {
      throw new BackupError('STORE_UNREACHABLE', `${name} was written by somebody else meanwhile.`, {
        retryable: true,
      });
    }
    yield next;
    for (let more = await rest.next(); more.done !== true; more = await rest.next()) yield more.value;
  } finally {
    await rest.return?.();
  }
}

/** A blob, as far as it is the same. */
class Reader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array();

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
  }

  /** Does it go on with these bytes? A blob that cannot be read does not: it is to be written anew. */
  async has(bytes: Uint8Array): Promise<boolean> {
    for (let at = 0; at < bytes.length;) {
      if (this.#left.length === 0 && !(await this.#more())) return false;
      const length = Math.min(this.#left.length, bytes.length - at);
      if (Buffer.compare(this.#left.subarray(0, length), bytes.subarray(at, at + length)) !== 0) return false;
      this.#left = this.#left.subarray(length);
      at += length;
    }
    return true;
  }

  async #more(): Promise<boolean> {
    try {
      const next = await this.#iterator.next();
      if (next.done === true) return false;
      this.#left = next.value;
      return true;
    } catch (error) {
      if (error instanceof BackupError) return false;
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.#iterator.return?.();
  }
}
