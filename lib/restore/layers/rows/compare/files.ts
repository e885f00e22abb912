import type { HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import { findByIds, inBatches, lackingFiles } from '../files.ts';
import { placesOf } from '../places.ts';
import type { SourceLayer } from '../source.ts';
import type { LayerComparison } from './tally.ts';

/** How far comparing the files of a layer is. */
export interface FilesSoFar {
  /** the version's row up to which it was looked whether its files are there; `all` when that is done */
  row: number | 'all';
  /** rows of the layer whose files were counted */
  counted: number;
}

/** Rows whose files are asked for with one question. */
const mostRows = 200;

/**
 * Which files of the version are not at their rows, and how many there are.
 * @param byIds are rows known by their global ids? Else by their places
 * @param rest between two questions
 */
export async function compareFiles(
  { files }: LayerComparison,
  table: HostedTable,
  layer: SourceLayer,
  byIds: boolean,
  soFar: FilesSoFar | undefined,
  rest: (soFar: FilesSoFar) => Promise<void>,
): Promise<void> {
  const { row = undefined, counted = 0 } = soFar ?? {};
  if (row !== 'all') await lookForFiles({ files }, table, layer, byIds, row, rest);
  if (!table.info.hasAttachments) return;
  const ids = await table.objectIds();
  for (let n = counted; n < ids.length; n += mostRows) {
    for await (const { size } of table.files(ids.slice(n, n + mostRows))) count(files.now, size);
    await rest({ row: 'all', counted: n + mostRows });
  }
}

async function lookForFiles(
  { files }: Pick<LayerComparison, 'files'>,
  table: HostedTable,
  layer: SourceLayer,
  byIds: boolean,
  after: number | undefined,
  rest: (soFar: FilesSoFar) => Promise<void>,
): Promise<void> {
  const places = byIds ? undefined : await placesOf(table, layer);
  const find = findByIds(table, layer);
  for await (const batch of inBatches(layer.files(after))) {
    for (const { size } of batch) count(files.then, size);
    files.lacking += (await lackingFiles(table, batch, places ?? (await find(batch)))).length;
    await rest({ row: batch.at(-1)?.row ?? -1, counted: 0 });
  }
}

function count(sum: { count: number; bytes: number }, size: number): void {
  sum.count += 1;
  sum.bytes += size;
}
