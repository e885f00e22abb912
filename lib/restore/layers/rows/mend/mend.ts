import type { Row } from '../../../../arcgis/layers/feature-pages.ts';
import type { HostedService } from '../../../../arcgis/layers/hosted-service.ts';
import type { RowsWish } from '../../../words.ts';
import { addFiles } from '../files.ts';
import { refuseStrange } from '../identity.ts';
import { inLoadOrder } from '../load/order.ts';
import { addPiece, inPieces } from '../load/pieces.ts';
import { globalIdOf } from '../row.ts';
import type { RowSource, SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';
import { changePage, livingOf, type Mending } from './change.ts';
import { deleteSurplus } from './surplus.ts';

/**
 * Puts back rows without emptying anything: those that are missing, with their files, and, where that is wished, those that differ.
 * What was edited or added since stays, unless it is to be exact. Goes on where it was after any end. Throws RESTORE_IDS when rows cannot
 * be told apart, RESTORE_REFUSED, PORTAL_….
 */
export async function mendRows(
  work: RowsWork,
  service: HostedService,
  source: RowSource,
  wish: RowsWish,
): Promise<void> {
  await refuseStrange(service, source);
  if (!work.notes.some(({ is }) => is === 'mending')) await work.note({ is: 'mending' });
  for (const table of inLoadOrder(service.tables)) {
    const layer = source.layers.find(({ id }) => id === table.info.id);
    if (layer === undefined || work.notes.some((each) => each.is === 'filled' && each.layer === layer.id)) continue;
    await mendLayer({ work, service, table, layer, wish });
    await work.note({ is: 'filled', layer: layer.id });
  }
}

async function mendLayer(mending: Mending): Promise<void> {
  const { work, service, table, layer, wish } = mending;
  const mended = work.notes.findLast((each) => each.is === 'mended' && each.layer === layer.id);
  let rows = mended?.is === 'mended' ? mended.rows : 0;
  const added = addedIn(mending);
  for await (const page of layer.pages(rows)) {
    await mendPage(mending, page, added);
    rows += page.length;
    await work.rest({ is: 'mended', layer: layer.id, rows });
  }
  await mendFiles(mending, added);
  if (wish.how === 'exact') await deleteSurplus(work, service, table, layer);
}

/** Global ids of rows that earlier attempts were about to add, perhaps without their files. */
function addedIn({ work, layer }: Mending): Set<string> {
  return new Set(work.notes.flatMap((each) => (each.is === 'adding' && each.layer === layer.id ? each.globalIds : [])));
}

/** Files belong to rows that were added; those of others are theirs, unless it is to be exact. */
async function mendFiles({ work, service, table, layer, wish }: Mending, added: ReadonlySet<string>): Promise<void> {
  if (wish.how !== 'exact' && added.size === 0) return;
  const filed = work.notes.findLast((each) => each.is === 'filed' && each.layer === layer.id);
  await addFiles(work, service, table, layer, {
    ...(wish.how !== 'exact' && { isMeant: await ofAdded(layer, added) }),
    ...(filed?.is === 'filed' && { after: filed.row }),
  });
}

/** Which files belong to rows that were added. Not every server tells global ids with files, so rows are known by both. */
async function ofAdded(layer: SourceLayer, added: ReadonlySet<string>) {
  const rows = new Set<number>();
  if (layer.info.hasAttachments)
    for await (const page of layer.pages())
      for (const row of page) if (added.has(globalIdOf(row, layer.traits) ?? '')) rows.add(row.objectId);
  return ({ row }: { row: number }) => rows.has(row);
}

async function mendPage(mending: Mending, page: readonly Row[], added: Set<string>): Promise<void> {
  const { work, service, table, layer, wish } = mending;
  const living = await livingOf(table, layer, page);
  const missing = page.filter((row) => !living.has(globalIdOf(row, layer.traits) ?? ''));
  if (missing.length > 0) {
    const globalIds = missing.flatMap((row) => globalIdOf(row, layer.traits) ?? []);
    await work.note({ is: 'adding', layer: layer.id, globalIds });
    for (const id of globalIds) added.add(id);
    for (const piece of inPieces(missing, table, layer)) await addPiece(work, service, table, layer, piece);
  }
  if (wish.how !== 'missing') await changePage(mending, page, living);
}
