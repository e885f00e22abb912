import type { Row } from '../../../../arcgis/layers/feature-pages.ts';
import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import { isByIds } from '../load/pieces.ts';
import { globalIdOf } from '../row.ts';
import type { RowSource, SourceLayer } from '../source.ts';
import { compareFiles, type FilesSoFar } from './files.ts';
import { beginningOf, Tally, type Comparing, type LayerComparison } from './tally.ts';

/** How far comparing is: whole layers, and of the one under way so many rows, and then files. */
export interface ComparedSoFar {
  done: LayerComparison[];
  under?: { found: LayerComparison; rows: number; files?: FilesSoFar };
}

/** Where comparing goes on, and when it stops. */
export interface Going {
  soFar: ComparedSoFar;
  /** between two questions; may throw, and is told how to go on then */
  rest: (soFar: ComparedSoFar) => Promise<void>;
}

const atOnce: Going = { soFar: { done: [] }, rest: () => Promise.resolve() };

/** Compares the rows of a service with those of a version, layer by layer; some at a time are in memory. Throws PORTAL_…, RESTORE_DAMAGED. */
export async function compareRows(
  service: HostedService,
  source: RowSource,
  comparing: Comparing = {},
  { soFar, rest }: Going = atOnce,
): Promise<LayerComparison[]> {
  const done = [...soFar.done];
  let { under } = soFar;
  for (const layer of source.layers.slice(done.length)) {
    const table = service.tables.find(({ info }) => info.id === layer.id);
    if (table === undefined) done.push({ ...beginningOf(layer), missing: layer.count });
    else {
      under ??= { found: { ...beginningOf(layer), now: await table.count() }, rows: 0 };
      await compareLayer(table, layer, comparing, under, () => rest({ done, ...(under && { under }) }));
      done.push(under.found);
    }
    under = undefined;
    await rest({ done });
  }
  return done;
}

type Under = NonNullable<ComparedSoFar['under']>;

async function compareLayer(
  table: HostedTable,
  layer: SourceLayer,
  comparing: Comparing,
  under: Under,
  rest: () => Promise<void>,
): Promise<void> {
  const { found } = under;
  const byIds = comparing.isLoaded === true ? isByIds(table, layer) : hasIds(table, layer);
  if (under.files === undefined) {
    const tally = new Tally(found, table, layer, comparing);
    if (byIds) await compareByIds(tally, table, layer, under, rest);
    else await compareInOrder(tally, table, layer, under, rest);
  }
  found.added = (found.now ?? 0) - (found.then - found.missing);
  if (comparing.withoutFiles === true || !(table.info.hasAttachments || layer.info.hasAttachments)) return;
  await compareFiles(found, table, layer, byIds, under.files, (files) => {
    under.files = files;
    return rest();
  });
}

function hasIds(table: HostedTable, layer: SourceLayer): boolean {
  return layer.traits.globalIdField !== undefined && table.traits.globalIdField !== undefined;
}

async function compareByIds(
  tally: Tally,
  table: HostedTable,
  layer: SourceLayer,
  under: Under,
  rest: () => Promise<void>,
): Promise<void> {
  for await (const page of layer.pages(under.rows)) {
    const ids = page.map((row) => globalIdOf(row, layer.traits) ?? '');
    const found = await table.byGlobalIds(ids.filter(Boolean), layer.written().form);
    const byId = new Map(found.map((row) => [globalIdOf(row, table.traits), row]));
    for (const [n, row] of page.entries()) tally.add(row, byId.get(ids[n]), ids[n] ?? '');
    under.rows += page.length;
    await rest();
  }
}

/** Rows that do not keep global ids are told apart by their place: that of a row that was loaded is that of the version. */
async function compareInOrder(
  tally: Tally,
  table: HostedTable,
  layer: SourceLayer,
  under: Under,
  rest: () => Promise<void>,
): Promise<void> {
  const { found } = under;
  if (found.now === 0) {
    found.missing = found.then;
    return;
  }
  let now: AsyncGenerator<Row> | undefined;
  for await (const page of layer.pages(under.rows)) {
    // In which form shapes are written is known once some were read.
    now ??= rowsOf(table, layer, under.rows);
    for (const row of page) {
      const other = await now.next();
      tally.add(row, other.done === true ? undefined : other.value, `row ${(under.rows += 1)}`);
    }
    await rest();
  }
}

async function* rowsOf(table: HostedTable, layer: SourceLayer, skip: number): AsyncGenerator<Row> {
  for await (const { rows } of table.pages(layer.written().form, skip)) yield* rows;
}
