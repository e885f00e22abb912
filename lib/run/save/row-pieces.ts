import { createHash } from 'node:crypto';
import type { RowsFrom } from '../../arcgis/layers/feature-files.ts';
import type { LayerRows } from '../../arcgis/layers/features.ts';
import type { ItemDeps } from './stage-part.ts';
import { OutOfTime, type RowPiece, type Unfinished } from './unfinished.ts';

/** What a document of rows is read with. */
export interface Reading {
  deps: ItemDeps;
  unfinished: Unfinished;
  layer: LayerRows;
  rows: RowsFrom;
  /** names the document, and the rows that it is of */
  key: string;
  /** epoch ms */
  since: number;
}

/** A piece is not there any more, or not what it was. */
export class LostPiece extends Error {
  readonly place: number;

  constructor(place: number) {
    super();
    this.place = place;
  }
}

/** Is the time over, with rows still to come? Rows that have no ids cannot be gone on with. */
export function isOver({ unfinished, layer, rows, since }: Reading): boolean {
  const counted = layer.counted();
  return unfinished.mayCut(since) && !counted.isInOrder && counted.rows < rows.count;
}

/** Those before the first that is lost. */
export async function stillThere({ store }: ItemDeps, pieces: readonly RowPiece[]): Promise<RowPiece[]> {
  for (const [n, { name, size }] of pieces.entries())
    if ((await store.stat(name))?.size !== size) return pieces.slice(0, n);
  return [...pieces];
}

/** Rows on their way into a piece, until they end, the time is over or the portal fails. */
export class NextPiece {
  /** bytes behind the last row */
  readonly tail: Uint8Array[] = [];
  readonly #reading: Reading;
  readonly #from: number;
  #upTo: number;
  #failed: { error: unknown } | undefined;

  constructor(reading: Reading, from: number) {
    this.#reading = reading;
    this.#from = from;
    this.#upTo = from;
  }

  /** Undefined when there were no more rows. What was read before the portal failed is a piece as well. */
  async read(name: string): Promise<RowPiece | undefined> {
    const { store, redactor } = this.#reading.deps;
    const chunks = this.#chunks();
    const first = await chunks.next();
    if (first.done === true) return undefined;
    const hash = createHash('sha256');
    const { body, isMarked } = redactor.watch(behind(first.value, chunks));
    const { size } = await store.putStream(name, hashed(body, hash));
    return { name, upTo: this.#upTo, size, sha256: hash.digest('hex'), isMarked: isMarked() };
  }

  /** Can a later activity go on behind it? */
  get mayBeKept(): boolean {
    return this.#upTo > this.#from && !this.#reading.layer.counted().isInOrder;
  }

  /** Throws what it ended with, unless that was the last row. */
  end(): void {
    if (this.#failed !== undefined) throw this.#failed.error;
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { layer, rows } = this.#reading;
    try {
      for await (const chunk of rows.from(this.#from)) {
        const { rows: upTo } = layer.counted();
        if (upTo === this.#upTo) this.tail.push(chunk);
        else yield chunk;
        this.#upTo = upTo;
        if (isOver(this.#reading)) throw new OutOfTime();
      }
    } catch (error) {
      this.#failed = { error };
    }
  }
}

async function* behind(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function* hashed(
  body: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}

/** The document. Throws LostPiece where one is not what was written. */
export async function* joined(
  { store }: ItemDeps,
  pieces: readonly RowPiece[],
  tail: Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (const [n, { name, size, sha256 }] of pieces.entries()) {
    const found = await store.stream(name);
    if (found?.info.size !== size) throw new LostPiece(n);
    const hash = createHash('sha256');
    yield* hashed(found.body, hash);
    if (hash.digest('hex') !== sha256) throw new LostPiece(n);
  }
  yield tail;
}
