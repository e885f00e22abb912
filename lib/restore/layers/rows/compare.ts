import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import type { HostedService, HostedTable } from '../../../arcgis/layers/hosted-service.ts';
import { numberOf, oneLine } from '../../../backup/report.ts';
import type { Difference } from '../../words.ts';
import { findByIds, inBatches, lackingFiles } from './files.ts';
import { braced } from './load.ts';
import { differingFields, globalIdOf, ownFields } from './row.ts';
import type { RowSource, SourceLayer } from './source.ts';

/** A row that is not as the version has it. */
export interface RowDifference {
  is: 'missing' | 'changed';
  /** its global id, or its place where rows have none */
  key: string;
  /** names of fields, `shape`; of one that is missing none */
  fields: string[];
}

/** How the rows of a layer differ from those of a version. */
export interface LayerComparison {
  id: number;
  name: string;
  /** rows of the version, and of the layer; null where there is no such layer any more */
  then: number;
  now: number | null;
  /** of the version's rows, how many the layer has not, and has otherwise */
  missing: number;
  changed: number;
  /** rows that the version has not */
  added: number;
  /** rows of which it differs only who edited them, and when */
  stamped: number;
  /** the first of them */
  first: RowDifference[];
  files: {
    /** of the version's files, how many are not at their rows */
    lacking: number;
    /** files and bytes of the version, and of the layer */
    then: { count: number; bytes: number };
    now: { count: number; bytes: number };
  };
}

/** Differing rows that are told one by one. */
const mostTold = 10;

/** What is compared of rows. */
export interface Comparing {
  /** only these fields, and no shapes */
  fields?: readonly string[] | undefined;
  /** not the files, which takes a question for every 200 rows */
  withoutFiles?: boolean;
}

/** Compares the rows of a service with those of a version, layer by layer; some at a time are in memory. Throws PORTAL_…, RESTORE_DAMAGED. */
export async function compareRows(
  service: HostedService,
  source: RowSource,
  comparing: Comparing = {},
): Promise<LayerComparison[]> {
  const found: LayerComparison[] = [];
  for (const layer of source.layers) {
    const table = service.tables.find(({ info }) => info.id === layer.id);
    found.push(table === undefined ? withoutTable(layer) : await compareLayer(table, layer, comparing));
  }
  return found;
}

const nothing = { count: 0, bytes: 0 };

function withoutTable({ id, name, count: then }: SourceLayer): LayerComparison {
  const files = { lacking: 0, then: nothing, now: nothing };
  return { id, name, then, now: null, missing: then, changed: 0, added: 0, stamped: 0, first: [], files };
}

async function compareLayer(table: HostedTable, layer: SourceLayer, comparing: Comparing): Promise<LayerComparison> {
  const found = withoutTable(layer);
  found.now = await table.count();
  found.missing = 0;
  const tally = new Tally(found, table, layer, comparing);
  if (layer.traits.globalIdField !== undefined && table.traits.globalIdField !== undefined) await byIds(tally);
  else await inOrder(tally);
  found.added = found.now - (found.then - found.missing);
  if (comparing.withoutFiles !== true && (table.info.hasAttachments || layer.info.hasAttachments))
    await compareFiles(found, table, layer);
  return found;
}

/** Counts the rows of a layer that differ. */
class Tally {
  readonly found: LayerComparison;
  readonly table: HostedTable;
  readonly layer: SourceLayer;
  readonly #fields: readonly string[];
  readonly #stamps: readonly string[];
  readonly #isTable: boolean;

  constructor(found: LayerComparison, table: HostedTable, layer: SourceLayer, { fields }: Comparing) {
    this.found = found;
    this.table = table;
    this.layer = layer;
    const stamps = new Set([...layer.traits.editFields, ...table.traits.editFields]);
    const own = ownFields(layer.info, layer.traits);
    this.#stamps = fields === undefined ? own.filter((name) => stamps.has(name)) : [];
    this.#fields = own.filter((name) => !stamps.has(name) && isAmong(name, fields));
    this.#isTable = layer.info.isTable || table.info.isTable || fields !== undefined;
  }

  /** @param now undefined: the layer has it not */
  add(then: Row, now: Row | undefined, key: string): void {
    const { found } = this;
    if (now === undefined) {
      found.missing += 1;
      return this.#tell({ is: 'missing', key, fields: [] });
    }
    const fields = differingFields(now, then, this.#fields, this.#isTable);
    if (fields.length > 0) {
      found.changed += 1;
      return this.#tell({ is: 'changed', key, fields });
    }
    if (differingFields(now, then, this.#stamps, true).length > 0) found.stamped += 1;
  }

  #tell(row: RowDifference): void {
    if (this.found.first.length < mostTold) this.found.first.push(row);
  }
}

const isAmong = (name: string, fields: readonly string[] | undefined) =>
  fields === undefined || fields.some((each) => each.toLowerCase() === name.toLowerCase());

async function byIds(tally: Tally): Promise<void> {
  const { table, layer } = tally;
  for await (const page of layer.pages()) {
    const ids = page.map((row) => globalIdOf(row, layer.traits) ?? '');
    const found = await table.byGlobalIds(ids.filter(Boolean).map(braced), layer.written().form);
    const byId = new Map(found.map((row) => [globalIdOf(row, table.traits), row]));
    for (const [n, row] of page.entries()) tally.add(row, byId.get(ids[n]), ids[n] ?? '');
  }
}

/** Without global ids rows are told apart by their place: that of a row that was loaded is that of the version. */
async function inOrder(tally: Tally): Promise<void> {
  const { table, layer, found } = tally;
  if (found.now === 0 || found.then === 0) {
    found.missing = found.then;
    return;
  }
  const then = rowsIn(layer.pages());
  const first = await then.next();
  const now = rowsIn(pagesOf(table, layer.written().form));
  let place = 1;
  for (let step = first; !step.done; step = await then.next(), place++) {
    const other = await now.next();
    tally.add(step.value, other.done ? undefined : other.value, `row ${place}`);
  }
}

async function* pagesOf(table: HostedTable, form: ReturnType<SourceLayer['written']>['form']) {
  for await (const { rows } of table.pages(form)) yield rows;
}

async function* rowsIn(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<Row> {
  for await (const page of pages) yield* page;
}

/** Rows whose files are asked for with one question. */
const mostRows = 200;

async function compareFiles({ files }: LayerComparison, table: HostedTable, layer: SourceLayer): Promise<void> {
  const [then, now] = [{ ...nothing }, { ...nothing }];
  const places = await placesOf(table, layer);
  const find = findByIds(table, layer);
  for await (const batch of inBatches(layer.files())) {
    for (const { size } of batch) count(then, size);
    const rows = places ?? (await find(batch));
    files.lacking += (await lackingFiles(table, batch, rows)).length;
  }
  if (table.info.hasAttachments) {
    const ids = await table.objectIds();
    for (let n = 0; n < ids.length; n += mostRows)
      for await (const { size } of table.files(ids.slice(n, n + mostRows))) count(now, size);
  }
  Object.assign(files, { then, now });
}

function count(sum: { count: number; bytes: number }, size: number): void {
  sum.count += 1;
  sum.bytes += size;
}

/** Of rows without global ids: the object ids at the places of the version's; undefined where these exist. */
async function placesOf(table: HostedTable, layer: SourceLayer): Promise<Map<number, number> | undefined> {
  if (layer.traits.globalIdField !== undefined && table.traits.globalIdField !== undefined) return undefined;
  const ids = await table.objectIds();
  const places = new Map<number, number>();
  let place = 0;
  for await (const page of layer.pages())
    for (const { objectId } of page) {
      const now = ids[place++];
      if (now !== undefined) places.set(objectId, now);
    }
  return places;
}

/** What a comparison says for people, and for the end of a restore. @param withAdded are rows that the version has not a difference? */
export function differencesOfRows(all: readonly LayerComparison[], withAdded = true): Difference[] {
  return all.flatMap((each): Difference[] => {
    const told = wordsOf(each, withAdded);
    if (told.length > 0) return [{ part: 'rows', what: `${oneLine(each.name, 60)}: ${told.join(', ')}` }];
    if (each.stamped === 0) return [];
    const what = `${oneLine(each.name, 60)}: who edited ${numberOf(each.stamped, 'row')}, and when`;
    return [{ part: 'rows', what, equivalent: true }];
  });
}

function wordsOf({ now, then, missing, changed, added, files }: LayerComparison, withAdded: boolean): string[] {
  if (now === null) return [`no such layer for ${numberOf(then, 'row')}`];
  const surplus = files.now.count - (files.then.count - files.lacking);
  return [
    ...(missing > 0 ? [`${numberOf(missing, 'row')} missing`] : []),
    ...(changed > 0 ? [`${numberOf(changed, 'row')} changed`] : []),
    ...(added > 0 && withAdded ? [`${numberOf(added, 'row')} added since`] : []),
    ...(files.lacking > 0 ? [`${numberOf(files.lacking, 'attachment')} missing`] : []),
    ...(surplus > 0 && withAdded ? [`${numberOf(surplus, 'attachment')} added since`] : []),
  ];
}
