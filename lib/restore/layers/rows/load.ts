import type { HostedService, HostedTable } from '../../../arcgis/layers/hosted-service.ts';
import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import type { SentRow, ServiceWriting } from '../../../arcgis/writing/service-writing.ts';
import { isUncertain } from '../../../arcgis/writing/writer.ts';
import type { Clock } from '../../../clock.ts';
import { BackupError, isCode } from '../../../errors.ts';
import { addFiles } from './files.ts';
import { globalIdOf, ownFields, sentRow } from './row.ts';
import type { RowSource, SourceLayer } from './source.ts';

/** What rows are written with. */
export interface Loader {
  services: ServiceWriting;
  clock: Clock;
}

/** How often something is begun again whose answer was lost. */
const mostTries = 3;

/** Rows, and characters of JSON, that go in one request. */
const mostRows = 500;
const mostCharacters = 2_000_000;

/** Layers in the order in which they are loaded: whom others belong to comes first; cycles end anywhere. */
export function inLoadOrder(tables: readonly HostedTable[]): HostedTable[] {
  const byId = new Map(tables.map((table) => [table.info.id, table]));
  const order: HostedTable[] = [];
  const seen = new Set<number>();
  const visit = (table: HostedTable): void => {
    if (seen.has(table.info.id)) return;
    seen.add(table.info.id);
    for (const { layer, isOrigin } of table.traits.relationships) {
      const origin = isOrigin ? undefined : byId.get(layer);
      if (origin !== undefined) visit(origin);
    }
    order.push(table);
  };
  for (const table of tables) visit(table);
  return order;
}

/**
 * Loads the rows of a version, with their files, into the layers of a service that have the same numbers; whatever rows these have
 * goes. May be called again after any failure. Throws RESTORE_REFUSED, RESTORE_DAMAGED, PORTAL_….
 * @param only the layers that are loaded; all that the version has unless given
 */
export async function loadRows(
  loader: Loader,
  service: HostedService,
  source: RowSource,
  only?: ReadonlySet<number>,
): Promise<void> {
  const pairs = inLoadOrder(service.tables).flatMap((table) => {
    const layer = source.layers.find(({ id }) => id === table.info.id);
    return layer === undefined || only?.has(layer.id) === false ? [] : [{ table, layer }];
  });
  for (const { table } of pairs.toReversed()) await emptyTable(loader, service, table);
  for (const { table, layer } of pairs) await loadTable(loader, service, table, layer);
}

async function loadTable(loader: Loader, service: HostedService, table: HostedTable, layer: SourceLayer) {
  for (let tries = 1; ; tries++) {
    try {
      const newIds = (await appended(loader, service, table, layer))
        ? undefined
        : await addRows(loader, service, table, layer);
      return await addFiles(loader, service, table, layer, newIds);
    } catch (error) {
      if (!isUncertain(error) || tries >= mostTries) throw error;
      await emptyTable(loader, service, table);
    }
  }
}

/** Deletes all rows of a layer, with their files. Throws RESTORE_REFUSED. */
export async function emptyTable(loader: Loader, service: HostedService, table: HostedTable): Promise<void> {
  const { services } = loader;
  if (await isSettled(loader, table, 0)) return;
  for (let tries = 1; tries <= mostTries; tries++) {
    try {
      if (table.traits.mayTruncate && tries === 1) await services.truncate(service.address, table.info.id);
      else await deleteAll(services, service, table);
    } catch (error) {
      // What may not be truncated, whatever it says, is emptied row by row.
      if (!isUncertain(error) && !(isCode(error, 'RESTORE_REFUSED') && tries === 1)) throw error;
    }
    if (await isSettled(loader, table, 0)) return;
  }
  throw new BackupError('RESTORE_REFUSED', `Layer ${table.info.name} could not be emptied.`);
}

/** Rows that go with one request. */
const mostDeleted = 1000;

async function deleteAll(services: ServiceWriting, { address }: HostedService, { info, objectIds }: HostedTable) {
  const ids = await objectIds();
  for (let n = 0; n < ids.length; n += mostDeleted) {
    const last = ids[Math.min(n + mostDeleted, ids.length) - 1] ?? 0;
    await services.deleteWhere(address, info.id, `${info.objectIdField ?? 'OBJECTID'} <= ${last}`);
  }
}

/** ms between two looks at a number of rows that should be another one by now. */
const pauses = [0, 1000, 2000, 5000];

async function isSettled({ clock }: Loader, table: HostedTable, wanted: number): Promise<boolean> {
  for (const pause of pauses) {
    if (pause > 0) await clock.sleep(pause);
    const count = await table.count();
    if (count === wanted) return true;
    if (pause === 0 && wanted === 0 && count > 0) return false;
  }
  return false;
}

/** Loads a table of a file at once. False where that is not possible, or did not go well: then the layer is empty again. */
async function appended(loader: Loader, service: HostedService, table: HostedTable, layer: SourceLayer) {
  const { loading, traits } = layer;
  // Without global ids nobody could tell which row is which afterwards.
  if (loading === undefined || !table.traits.mayAppend || !table.traits.keepsGlobalIds || layer.count === 0)
    return false;
  try {
    const fields = [...ownFields(layer.info, traits), table.traits.globalIdField ?? 'GlobalID'];
    await loader.services.append(service.address, table.info.id, { ...loading, fields });
  } catch (error) {
    if (!isUncertain(error) && !isCode(error, 'RESTORE_REFUSED')) throw error;
    await waitForQuiet(loader, table);
  }
  if ((await isSettled(loader, table, layer.count)) && (await hasFirstPage(table, layer))) return true;
  await emptyTable(loader, service, table);
  return false;
}

/** Did the rows keep their global ids? Those of the first page tell of all (restore.md 2.2). */
async function hasFirstPage(table: HostedTable, layer: SourceLayer): Promise<boolean> {
  for await (const page of layer.pages()) {
    const ids = page.flatMap((row) => globalIdOf(row, layer.traits) ?? []);
    return (await table.byGlobalIds(ids.map(braced), layer.written().form)).length === page.length;
  }
  return true;
}

/** As a condition has it: servers that keep them with braces and capitals take no others. */
export const braced = (bareId: string) => `{${bareId.toUpperCase()}}`;

/** ms without a change after which a job that was lost sight of is taken to be over. */
const quiet = 60_000;
const longestWait = 3_600_000;

/** A job whose address was lost may still be loading. */
async function waitForQuiet({ clock }: Loader, table: HostedTable): Promise<void> {
  let count = await table.count();
  for (let waited = 0; waited < longestWait; waited += quiet) {
    await clock.sleep(quiet);
    const now = await table.count();
    if (now === count) return;
    count = now;
  }
}

/** Adds all rows of a layer. @returns their new object ids by the old ones, where files are to be added by these */
async function addRows(loader: Loader, service: HostedService, table: HostedTable, layer: SourceLayer) {
  const newIds = table.info.hasAttachments && !table.traits.keepsGlobalIds ? new Map<number, number>() : undefined;
  for await (const page of layer.pages())
    for (const rows of inPieces(page, table, layer)) {
      const ids = await addPiece(loader, service, table, layer, rows);
      if (newIds !== undefined) rows.forEach(({ row }, n) => newIds.set(row.objectId, ids[n] ?? NaN));
    }
  return newIds;
}

/** A row and what it is sent as. */
export interface Sending {
  row: Row;
  sent: SentRow;
}

/** Rows as they are added, as many at a time as one request holds. */
export function inPieces(page: readonly Row[], table: HostedTable, layer: SourceLayer): Sending[][] {
  const pieces: Sending[][] = [];
  let characters = Infinity;
  for (const row of page) {
    const sent = withGlobalId(sentRow(row, table, layer.written()), row, table, layer);
    const { length } = JSON.stringify(sent);
    if (characters + length > mostCharacters || (pieces.at(-1)?.length ?? 0) >= mostRows) {
      pieces.push([]);
      characters = 0;
    }
    pieces.at(-1)?.push({ row, sent });
    characters += length;
  }
  return pieces;
}

function withGlobalId(sent: SentRow, row: Row, { traits }: HostedTable, layer: SourceLayer): SentRow {
  const id = globalIdOf(row, layer.traits);
  if (!traits.keepsGlobalIds || traits.globalIdField === undefined || id === undefined) return sent;
  return { ...sent, attributes: { ...sent.attributes, [traits.globalIdField]: braced(id) } };
}

/**
 * Adds some rows, all or none. Where the answer is lost, those that bear global ids are looked for; others cannot be told apart, so
 * that is thrown. @returns their object ids, in order; NaN where they are not known
 */
export async function addPiece(
  { services }: Loader,
  { address }: HostedService,
  table: HostedTable,
  layer: SourceLayer,
  rows: readonly Sending[],
): Promise<number[]> {
  const { keepsGlobalIds } = table.traits;
  let left = rows;
  for (let tries = 1; left.length > 0; tries++) {
    try {
      const { adds } = await services.applyEdits(
        address,
        table.info.id,
        { adds: left.map(({ sent }) => sent) },
        keepsGlobalIds,
      );
      const wrong = adds.find(({ success, trouble }) => !success && !/rolled back/i.test(trouble ?? ''));
      if (adds.length === left.length && adds.every(({ success }) => success))
        return left === rows ? adds.map(({ objectId }) => objectId ?? NaN) : [];
      const why = wrong?.trouble ?? 'the portal did not say why.';
      throw new BackupError('RESTORE_REFUSED', `Rows of layer ${table.info.name} could not be added: ${why}`);
    } catch (error) {
      if (!isUncertain(error) || !keepsGlobalIds || tries >= mostTries) throw error;
      left = await lackingOf(table, layer, rows);
    }
  }
  return [];
}

async function lackingOf(table: HostedTable, layer: SourceLayer, rows: readonly Sending[]): Promise<Sending[]> {
  const ids = rows.flatMap(({ row }) => globalIdOf(row, layer.traits) ?? []);
  const found = await table.byGlobalIds(ids.map(braced), layer.written().form);
  const there = new Set(found.map((row) => globalIdOf(row, table.traits)));
  return rows.filter(({ row }) => !there.has(globalIdOf(row, layer.traits)));
}
