import type { HostedTable } from '../../../../arcgis/layers/hosted-service.ts';

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
