import type { Row } from '../../../../arcgis/layers/feature-pages.ts';
import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import type { SentRow } from '../../../../arcgis/writing/service-writing.ts';
import { writeLeft } from '../../../lost-answer.ts';
import type { RowsWish } from '../../../words.ts';
import { differingFields, globalIdOf, ownFields, sentRow } from '../row.ts';
import { refusedRows } from '../refused.ts';
import type { SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';

/** A layer that is mended, and what it is mended after. */
export interface Mending {
  work: RowsWork;
  service: HostedService;
  table: HostedTable;
  layer: SourceLayer;
  wish: RowsWish;
}

/** Of some rows of the version those that live, by their global ids. */
export async function livingOf(
  table: HostedTable,
  layer: SourceLayer,
  page: readonly Row[],
): Promise<Map<string, Row>> {
  const ids = page.flatMap((row) => globalIdOf(row, layer.traits) ?? []);
  const found = await table.byGlobalIds(ids, layer.written().form);
  return new Map(found.map((row) => [globalIdOf(row, table.traits) ?? '', row]));
}

/** Writes only the fields that differ: somebody may be at work on the others at this moment. */
export async function changePage(
  mending: Mending,
  page: readonly Row[],
  living: ReadonlyMap<string, Row>,
): Promise<void> {
  const { work, service, table, layer } = mending;
  const updatesIn = (found: ReadonlyMap<string, Row>) =>
    page.flatMap((then) => {
      const now = found.get(globalIdOf(then, layer.traits) ?? '');
      return now === undefined ? [] : (updateOf(mending, now, then) ?? []);
    });
  const write = async (updates: readonly SentRow[]) => {
    const results = await work.services.applyEdits(service.address, table.info.id, { updates }, false);
    if (results.updates.every(({ success }) => success)) return;
    throw refusedRows(table.info.name, 'changed', results.updates);
  };
  await writeLeft({ look: async () => updatesIn(await livingOf(table, layer, page)), write }, updatesIn(living));
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
  const stamps = new Set([...layer.traits.editFields, ...table.traits.editFields].map((name) => name.toLowerCase()));
  const wished = fields && new Set(fields.map((name) => name.toLowerCase()));
  const own = new Set(ownFields(layer.info, layer.traits).map((name) => name.toLowerCase()));
  return ownFields(table.info, table.traits).filter(
    (name) =>
      own.has(name.toLowerCase()) && !stamps.has(name.toLowerCase()) && (wished?.has(name.toLowerCase()) ?? true),
  );
}
