import { createHash } from 'node:crypto';
import type { FeatureFile, RowsFrom } from '../../arcgis/layers/feature-files.ts';
import type { LayerRows } from '../../arcgis/layers/features.ts';
import type { ItemParts } from './item-parts.ts';
import { stagePart, type ItemDeps, type Taken } from './stage-part.ts';
import { OutOfTime, type RowPiece } from './unfinished.ts';

/** Rows of a document that is written down in pieces from its beginning; a smaller one only once it took too long. */
const many = 100_000;

/** What a document of rows is read with. */
interface Reading {
  deps: ItemDeps;
  into: ItemParts;
  layer: LayerRows;
  rows: RowsFrom;
  /** names the document, and the rows that it is of */
  key: string;
  /** epoch ms */
  since: number;
}

/** A piece is not there any more, or not what it was. */
class LostPiece extends Error {
  readonly place: number;

  constructor(place: number) {
    super();
    this.place = place;
  }
}

/**
 * The document of a layer's rows. What was read by an earlier activity is not read again, as long as the layer has the same rows:
 * not the document, nor the pieces of one that takes longer than an activity. Throws OutOfTime, and as reading and staging do.
 */
export async function takeRows(deps: ItemDeps, into: ItemParts, layer: LayerRows, file: FeatureFile): Promise<Taken> {
  const { path, seal, rows } = file;
  if (seal === undefined) return stage(deps, file);
  const key = `${path} ${seal}`;
  const { taken, counted } = await into.unfinished.once(key, deps.room, async () => {
    const read =
      rows === undefined
        ? stage(deps, file)
        : readRows({ deps, into, layer, rows, key, since: deps.clock.now() }, path);
    return { taken: await read, counted: layer.counted() };
  });
  if (taken === undefined || counted === undefined) throw new TypeError(`${path} was kept without its rows`);
  layer.resume(counted);
  return taken;
}

/** A file of a layer that is read in one go. */
export async function stage(deps: ItemDeps, file: FeatureFile): Promise<Taken> {
  return stagePart(deps, 'export', await file.open(), () => file.path);
}

async function readRows(reading: Reading, path: string): Promise<Taken> {
  const { deps, into, rows, key } = reading;
  const isInPieces = rows.count > many || into.unfinished.rowsOf(key) !== undefined;
  if (!isInPieces) return stagePart(deps, 'export', { body: atOnce(reading) }, () => path);
  for (;;) {
    const { pieces, tail, isMarked } = await readOn(reading);
    try {
      const taken = await stagePart(deps, 'export', { body: joined(deps, pieces, tail) }, () => path);
      return { ...taken, isMarked: taken.isMarked || isMarked };
    } catch (error) {
      if (!(error instanceof LostPiece)) throw error;
      into.unfinished.keepRows(key, pieces.slice(0, error.place));
    }
  }
}

/** Most documents take no time; of one that does nothing is there yet, so it is begun anew, in pieces. */
async function* atOnce(reading: Reading): AsyncGenerator<Uint8Array> {
  const { into, rows, key } = reading;
  for await (const chunk of rows.from(0)) {
    yield chunk;
    if (!isOver(reading)) continue;
    into.unfinished.keepRows(key, []);
    throw new OutOfTime();
  }
}

/** Is the time over, with rows still to come? Rows that have no ids cannot be gone on with. */
function isOver({ into, layer, rows, since }: Reading): boolean {
  const counted = layer.counted();
  return into.unfinished.mayCut(since) && !counted.isInOrder && counted.rows < rows.count;
}

/** Reads the rows behind those that are there into one more piece, and what follows the last of them. */
async function readOn(reading: Reading): Promise<{ pieces: RowPiece[]; tail: Buffer; isMarked: boolean }> {
  const { deps, into, key } = reading;
  const kept = await stillThere(deps, into.unfinished.rowsOf(key) ?? []);
  const next = new NextPiece(reading, kept.at(-1)?.upTo ?? 0);
  const piece = await next.read(into.unfinished.newRowsName());
  const pieces = piece === undefined ? kept : [...kept, piece];
  if (next.mayBeKept) into.unfinished.keepRows(key, pieces);
  next.end();
  return { pieces, tail: Buffer.concat(next.tail), isMarked: pieces.some((each) => each.isMarked) };
}

/** Those before the first that is lost. */
async function stillThere({ store }: ItemDeps, pieces: readonly RowPiece[]): Promise<RowPiece[]> {
  for (const [n, { name, size }] of pieces.entries())
    if ((await store.stat(name))?.size !== size) return pieces.slice(0, n);
  return [...pieces];
}

/** Rows on their way into a piece, until they end, the time is over or the portal fails. */
class NextPiece {
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
async function* joined({ store }: ItemDeps, pieces: readonly RowPiece[], tail: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const [n, { name, size, sha256 }] of pieces.entries()) {
    const found = await store.stream(name);
    if (found?.info.size !== size) throw new LostPiece(n);
    const hash = createHash('sha256');
    yield* hashed(found.body, hash);
    if (hash.digest('hex') !== sha256) throw new LostPiece(n);
  }
  yield tail;
}
