import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import { isUncertain } from '../../../../arcgis/writing/writer.ts';
import { addFiles } from '../files.ts';
import { hasRows } from '../identity.ts';
import { placesOf } from '../places.ts';
import type { RowSource, SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';
import { append, appendingIn, mayAppend } from './append.ts';
import { emptyTable } from './empty.ts';
import { inLoadOrder } from './order.ts';
import { addPiece, inPieces, isByIds } from './pieces.ts';

/** How often something is begun again whose answer was lost. */
const mostTries = 3;

/**
 * Loads the rows of a version, with their files, into the layers of a service that have the same numbers; whatever rows these have goes
 * first. Goes on where it was after any end, for nobody else writes there meanwhile: what rows are there then are those that were loaded.
 * Throws RESTORE_REFUSED, RESTORE_DAMAGED, PORTAL_….
 */
export async function loadRows(work: RowsWork, service: HostedService, source: RowSource): Promise<void> {
  const pairs = inLoadOrder(service.tables).flatMap((table) => {
    const layer = source.layers.find(({ id }) => id === table.info.id);
    return layer === undefined ? [] : [{ table, layer }];
  });
  if (!work.notes.some(({ is }) => is === 'emptied')) {
    for (const { table } of pairs.toReversed()) await emptyTable(work, service, table);
    await work.note({ is: 'emptied' });
  }
  for (const { table, layer } of pairs) await loadTable(work, service, table, layer);
}

async function loadTable(work: RowsWork, service: HostedService, table: HostedTable, layer: SourceLayer) {
  const { id } = layer;
  if (work.notes.some((each) => each.is === 'filled' && each.layer === id)) return;
  const filed = work.notes.findLast((each) => each.is === 'filed' && each.layer === id);
  let after = filed?.is === 'filed' ? filed.row : undefined;
  for (let tries = 1; ; tries++) {
    try {
      await bringRows(work, service, table, layer, tries === 1);
      const places = isByIds(table, layer) ? undefined : await placesOf(table, layer);
      await addFiles(work, service, table, layer, { places, after });
      return await work.note({ is: 'filled', layer: id });
    } catch (error) {
      if (!isUncertain(error) || tries >= mostTries) throw error;
      after = undefined;
      await work.note({ is: 'filed', layer: id, row: -1 });
      await emptyTable(work, service, table);
    }
  }
}

/** Loads the rows at once where that is possible and goes well, else some at a time. */
async function bringRows(
  work: RowsWork,
  service: HostedService,
  table: HostedTable,
  layer: SourceLayer,
  mayGoOn: boolean,
): Promise<void> {
  const begun = mayGoOn ? appendingIn(work.notes, layer.id) : undefined;
  const isByPieces = work.notes.some((each) => each.is === 'by-pieces' && each.layer === layer.id);
  let held = await table.count();
  if (begun !== undefined || (held === 0 && !isByPieces && mayAppend(table, layer))) {
    if (await append(work, service, table, layer, begun)) return;
    await work.note({ is: 'by-pieces', layer: layer.id });
    held = Infinity;
  }
  if (held > layer.count || !(await isBeginning(table, layer, held))) {
    await emptyTable(work, service, table);
    held = 0;
  }
  for await (const page of layer.pages(held))
    for (const rows of inPieces(page, table, layer)) {
      await addPiece(work, service, table, layer, rows);
      await work.rest();
    }
}

/** Rows come in their order, some at a time, all of these or none: so many are the first so many. */
async function isBeginning(table: HostedTable, layer: SourceLayer, held: number): Promise<boolean> {
  if (held === 0 || !isByIds(table, layer)) return true;
  for await (const [last] of layer.pages(held - 1))
    return last !== undefined && (await hasRows(table, layer, [last])) === 1;
  return false;
}
