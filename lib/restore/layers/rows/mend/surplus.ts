import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import { writeLeft } from '../../../lost-answer.ts';
import { globalIdOf } from '../row.ts';
import type { SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';

/** Rows that go with one request. */
const mostDeleted = 500;

/** Deletes the rows that the version has not. */
export async function deleteSurplus(
  { services, rest }: RowsWork,
  service: HostedService,
  table: HostedTable,
  layer: SourceLayer,
): Promise<void> {
  const surplus = await surplusOf(table, layer);
  const field = table.info.objectIdField ?? 'OBJECTID';
  for (let n = 0; n < surplus.length; n += mostDeleted) {
    const where = `${field} IN (${surplus.slice(n, n + mostDeleted).join(',')})`;
    // Deleting again deletes nothing more.
    const look = () => Promise.resolve([where]);
    await writeLeft({ look, write: () => services.deleteWhere(service.address, table.info.id, where) });
    await rest();
  }
}

async function surplusOf(table: HostedTable, layer: SourceLayer): Promise<number[]> {
  const known = new Set<string>();
  for await (const page of layer.pages()) for (const row of page) known.add(globalIdOf(row, layer.traits) ?? '');
  const surplus: number[] = [];
  for await (const { rows } of table.pages(layer.written().form))
    for (const row of rows) if (!known.has(globalIdOf(row, table.traits) ?? '')) surplus.push(row.objectId);
  return surplus;
}
