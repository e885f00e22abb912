import type { HostedService, HostedTable } from '../../../arcgis/layers/hosted-service.ts';
import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import { numberOf, oneLine } from '../../../backup/words.ts';
import { BackupError } from '../../../errors.ts';
import { globalIdOf } from './row.ts';
import type { RowSource, SourceLayer } from './source.ts';

/** How many of some rows of the version a layer has, by their global ids. */
export async function hasRows(table: HostedTable, layer: SourceLayer, rows: readonly Row[]): Promise<number> {
  const ids = rows.flatMap((row) => globalIdOf(row, layer.traits) ?? []);
  return (await table.byGlobalIds(ids, layer.written().form)).length;
}

/**
 * The layers of a copy of which not one row has the global id of a row that lives, though both have rows. The portal gave the copy's rows
 * ids of its own (restore.md 2.2), or all rows were replaced since; the copy itself does not tell which.
 */
export async function strangeLayers(service: HostedService, source: RowSource): Promise<SourceLayer[]> {
  const strange: SourceLayer[] = [];
  for (const layer of source.layers) {
    const table = service.tables.find(({ info }) => info.id === layer.id);
    // Rows that the archive itself holds have the ids that they had.
    if (table === undefined || layer.copy === undefined || layer.count === 0) continue;
    if (layer.traits.globalIdField === undefined || table.traits.globalIdField === undefined) continue;
    const count = await table.count();
    const [fewer, more] = count < layer.count ? [table, layer.copy] : [layer.copy, table];
    if (count > 0 && !(await sharesIds(fewer, more))) strange.push(layer);
  }
  return strange;
}

/** Pages that are asked for: when of a hundred thousand rows none is known, others are not either. */
const mostPages = 200;

/** Where ids are those of the version the first page tells, mostly. */
async function sharesIds(fewer: HostedTable, more: HostedTable): Promise<boolean> {
  let pages = 0;
  for await (const { rows } of fewer.pages('esri')) {
    const ids = rows.flatMap((row) => globalIdOf(row, fewer.traits) ?? []);
    if ((await more.byGlobalIds(ids, 'esri')).length > 0) return true;
    if (++pages === mostPages) return false;
  }
  return false;
}

/** Rows that cannot be told apart are not mended one by one: each would be added a second time. Throws RESTORE_IDS. */
export async function refuseStrange(service: HostedService, source: RowSource): Promise<void> {
  const [layer] = await strangeLayers(service, source);
  if (layer === undefined) return;
  throw new BackupError(
    'RESTORE_IDS',
    `Which rows of ${oneLine(layer.name, 60)} are missing or changed cannot be told: of ${numberOf(layer.count, 'row')} in the portal's copy of the version none has the global id of a row that is there now. The portal gave them new ids, or all rows were replaced since. Nothing was changed.`,
  );
}
