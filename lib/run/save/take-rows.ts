import type { FeatureFile } from '../../arcgis/layers/feature-files.ts';
import type { LayerRows } from '../../arcgis/layers/features.ts';
import { isOver, joined, LostPiece, NextPiece, stillThere, type Reading } from './row-pieces.ts';
import { stagePart, type ItemDeps, type Taken } from './stage-part.ts';
import { OutOfTime, type RowPiece, type Unfinished } from './unfinished.ts';

/** Rows of a document that is written down in pieces from its beginning; a smaller one only once it took too long. */
const many = 100_000;

/**
 * The document of a layer's rows. What was read by an earlier activity is not read again, as long as the layer has the same rows:
 * not the document, nor the pieces of one that takes longer than an activity. Throws OutOfTime, and as reading and staging do.
 */
export async function takeRows(
  deps: ItemDeps,
  unfinished: Unfinished,
  layer: LayerRows,
  file: FeatureFile,
): Promise<Taken> {
  const { path, seal, rows } = file;
  if (seal === undefined) return stage(deps, file);
  const key = `${path} ${seal}`;
  const { taken, counted } = await unfinished.once(key, deps.room, async () => {
    const read =
      rows === undefined
        ? stage(deps, file)
        : readRows({ deps, unfinished, layer, rows, key, since: deps.clock.now() }, path);
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
  const { deps, unfinished, rows, key } = reading;
  const isInPieces = rows.count > many || unfinished.rowsOf(key) !== undefined;
  if (!isInPieces) return stagePart(deps, 'export', { body: atOnce(reading) }, () => path);
  for (;;) {
    const { pieces, tail, isMarked } = await readOn(reading);
    try {
      const taken = await stagePart(deps, 'export', { body: joined(deps, pieces, tail) }, () => path);
      return { ...taken, isMarked: taken.isMarked || isMarked };
    } catch (error) {
      if (!(error instanceof LostPiece)) throw error;
      unfinished.keepRows(key, pieces.slice(0, error.place));
    }
  }
}

/** Most documents take no time; of one that does nothing is there yet, so it is begun anew, in pieces. */
async function* atOnce(reading: Reading): AsyncGenerator<Uint8Array> {
  const { unfinished, rows, key } = reading;
  for await (const chunk of rows.from(0)) {
    yield chunk;
    if (!isOver(reading)) continue;
    unfinished.keepRows(key, []);
    throw new OutOfTime();
  }
}

/** Reads the rows behind those that are there into one more piece, and what follows the last of them. */
async function readOn(reading: Reading): Promise<{ pieces: RowPiece[]; tail: Buffer; isMarked: boolean }> {
  const { deps, unfinished, key } = reading;
  const kept = await stillThere(deps, unfinished.rowsOf(key) ?? []);
  const next = new NextPiece(reading, kept.at(-1)?.upTo ?? 0);
  const piece = await next.read(unfinished.newRowsName());
  const pieces = piece === undefined ? kept : [...kept, piece];
  if (next.mayBeKept) unfinished.keepRows(key, pieces);
  next.end();
  return { pieces, tail: Buffer.concat(next.tail), isMarked: pieces.some((each) => each.isMarked) };
}
