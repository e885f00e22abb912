import type { HostedService, HostedTable } from '../../../arcgis/layers/hosted-service.ts';
import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import { isUncertain } from '../../../arcgis/writing/writer.ts';
import { BackupError } from '../../../errors.ts';
import type { RowsWish } from '../../words.ts';
import { addFiles } from './files.ts';
import { addPiece, braced, inLoadOrder, inPieces, type Loader } from './load.ts';
import { differingFields, globalIdOf, ownFields, sentRow } from './row.ts';
import type { RowSource, SourceLayer } from './source.ts';

/** Hears which rows are about to be added. */
export type Adding = (layer: number, globalIds: string[]) => Promise<void>;

/** A layer that is mended, and what it is mended after. */
interface Mending {
  loader: Loader;
  service: HostedService;
  table: HostedTable;
  layer: SourceLayer;
  wish: RowsWish;
  adding: Adding;
  /** rows that an earlier attempt has added, perhaps without their files */
  added: Set<string>;
}

/**
 * Puts back rows without emptying anything: those that are missing, with their files, and, where that is wished, those that differ.
 * What was edited or added since stays, unless it is to be exact. May be called again after any failure. Throws RESTORE_REFUSED,
 * PORTAL_….
 * @param addedBefore global ids of rows that earlier attempts were about to add, by layer
 */
export async function mendRows(
  loader: Loader,
  service: HostedService,
  source: RowSource,
  wish: RowsWish,
  adding: Adding,
  addedBefore: ReadonlyMap<number, readonly string[]> = new Map(),
): Promise<void> {
  for (const table of inLoadOrder(service.tables)) {
    const layer = source.layers.find(({ id }) => id === table.info.id);
    if (layer === undefined) continue;
    const added = new Set(addedBefore.get(layer.id));
    await mendLayer({ loader, service, table, layer, wish, adding, added });
  }
}

async function mendLayer(mending: Mending): Promise<void> {
  const { loader, service, table, layer, wish, added } = mending;
  for await (const page of layer.pages()) await mendPage(mending, page);
  const isMeant = wish.how === 'exact' ? () => true : await ofAdded(layer, added);
  if (wish.how === 'exact' || added.size > 0) await addFiles(loader, service, table, layer, undefined, isMeant);
  if (wish.how === 'exact') await deleteSurplus(mending);
}

/** Which files belong to rows that were added. Not every server tells global ids with files, so rows are known by both. */
async function ofAdded(layer: SourceLayer, added: ReadonlySet<string>) {
  const rows = new Set<number>();
  if (added.size > 0 && layer.info.hasAttachments)
    for await (const page of layer.pages())
      for (const row of page) if (added.has(globalIdOf(row, layer.traits) ?? '')) rows.add(row.objectId);
  return ({ row }: { row: number }) => rows.has(row);
}

async function mendPage(mending: Mending, page: readonly Row[]): Promise<void> {
  const { loader, service, table, layer, wish, adding, added } = mending;
  const living = await livingOf(table, layer, page);
  const missing = page.filter((row) => !living.has(globalIdOf(row, layer.traits) ?? ''));
  if (missing.length > 0) {
    const ids = missing.flatMap((row) => globalIdOf(row, layer.traits) ?? []);
    await adding(layer.id, ids);
    for (const id of ids) added.add(id);
    for (const piece of inPieces(missing, table, layer)) await addPiece(loader, service, table, layer, piece);
  }
  if (wish.how !== 'missing') await changePage(mending, page, living);
}

async function livingOf(table: HostedTable, layer: SourceLayer, page: readonly Row[]): Promise<Map<string, Row>> {
  const ids = page.flatMap((row) => globalIdOf(row, layer.traits) ?? []);
  const found = await table.byGlobalIds(ids.map(braced), layer.written().form);
  return new Map(found.map((row) => [globalIdOf(row, table.traits) ?? '', row]));
}

const mostTries = 3;

/** Writes only the fields that differ: somebody may be at work on the others at this moment. */
async function changePage(mending: Mending, page: readonly Row[], found: ReadonlyMap<string, Row>): Promise<void> {
  const { loader, service, table, layer } = mending;
  let living = found;
  for (let tries = 1; ; tries++) {
    const updates = page.flatMap((then) => {
      const now = living.get(globalIdOf(then, layer.traits) ?? '');
      return now === undefined ? [] : (updateOf(mending, now, then) ?? []);
    });
    if (updates.length === 0) return;
    try {
      const results = await loader.services.applyEdits(service.address, table.info.id, { updates }, false);
      const wrong = results.updates.find(({ success, trouble }) => !success && !/rolled back/i.test(trouble ?? ''));
      if (results.updates.every(({ success }) => success)) return;
      const why = wrong?.trouble ?? 'the portal did not say why.';
      throw new BackupError('RESTORE_REFUSED', `Rows of layer ${table.info.name} could not be changed: ${why}`);
    } catch (error) {
      if (!isUncertain(error) || tries >= mostTries) throw error;
      living = await livingOf(table, layer, page);
    }
  }
}

function updateOf({ table, layer, wish }: Mending, now: Row, then: Row) {
  const fields = fieldsOf(table, layer, wish);
  const differing = differingFields(now, then, fields, table.info.isTable || wish.fields !== undefined);
  if (differing.length === 0) return undefined;
  const { attributes, geometry } = sentRow(
    then,
    table,
    layer.written(),
    differing.filter((name) => name !== 'shape'),
  );
  const id = { [table.info.objectIdField ?? 'OBJECTID']: now.objectId };
  const isMoved = differing.includes('shape') && geometry !== undefined;
  return { attributes: { ...attributes, ...id }, ...(isMoved && { geometry }) };
}

/** The fields that are put back: not who edited, which the portal writes itself. */
function fieldsOf(table: HostedTable, layer: SourceLayer, { fields }: RowsWish): string[] {
  const stamps = new Set([...layer.traits.editFields, ...table.traits.editFields]);
  const wished = fields && new Set(fields.map((name) => name.toLowerCase()));
  const own = new Set(ownFields(layer.info, layer.traits).map((name) => name.toLowerCase()));
  return ownFields(table.info, table.traits).filter(
    (name) => own.has(name.toLowerCase()) && !stamps.has(name) && (wished?.has(name.toLowerCase()) ?? true),
  );
}

/** Deletes the rows that the version has not. */
async function deleteSurplus({ loader, service, table, layer }: Mending): Promise<void> {
  const known = new Set<string>();
  for await (const page of layer.pages()) for (const row of page) known.add(globalIdOf(row, layer.traits) ?? '');
  const surplus: number[] = [];
  for await (const { rows } of table.pages(layer.written().form))
    for (const row of rows) if (!known.has(globalIdOf(row, table.traits) ?? '')) surplus.push(row.objectId);
  const field = table.info.objectIdField ?? 'OBJECTID';
  for (let n = 0; n < surplus.length; n += 500) {
    const where = `${field} IN (${surplus.slice(n, n + 500).join(',')})`;
    try {
      await loader.services.deleteWhere(service.address, table.info.id, where);
    } catch (error) {
      // Deleting again deletes nothing more.
      if (!isUncertain(error)) throw error;
      await loader.services.deleteWhere(service.address, table.info.id, where);
    }
  }
}
