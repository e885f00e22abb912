/** What `/layers` of a hosted service says of one layer or table, as far as we read it. */
export interface LayerDates {
  id: number;
  /** the item that the layer says it belongs to */
  serviceItemId?: string | null;
  editingInfo?: {
    lastEditDate?: number | null | undefined;
    schemaLastEditDate?: number | null | undefined;
    dataLastEditDate?: number | null | undefined;
  } | null;
}

/** The answer of `/layers`; services without tables may leave the key out. */
export interface ServiceDates {
  layers?: readonly LayerDates[] | null;
  tables?: readonly LayerDates[] | null;
}

/**
 * The stamp of an item: `modified`, then every edit date of its layers and tables in the order of their ids, exactly as
 * the portal said, separated by commas. Rows edited in a hosted layer move no `modified` (Esri/solution.js#762), and
 * `lastEditDate` may be older than `schemaLastEditDate`, so all of them count.
 */
export function stampOf(modified: number, service?: ServiceDates): string {
  const all = [...(service?.layers ?? []), ...(service?.tables ?? [])].sort((a, b) => a.id - b.id);
  const dates = all.flatMap(({ editingInfo }) => [
    editingInfo?.lastEditDate,
    editingInfo?.schemaLastEditDate,
    editingInfo?.dataLastEditDate,
  ]);
  return [modified, ...dates.filter((date) => date !== undefined && date !== null)].join(',');
}

/**
 * The stamp of an item whose service cannot be asked: its rows stay those of the version before, and so do their dates.
 * @param before the stamp of that version
 */
export function stampOfSilent(modified: number, before: string | undefined): string {
  return [modified, ...(before ?? '').split(',').slice(1)].join(',');
}

/** Has the service tables and not one layer? Such a service often cannot be exported as a file geodatabase. */
export function hasOnlyTables(service: ServiceDates): boolean {
  return (service.layers ?? []).length === 0 && (service.tables ?? []).length > 0;
}

/** The item that all layers and tables of a service say they belong to; undefined when they do not say, or not the same. */
export function itemOfLayers({ layers, tables }: ServiceDates): string | undefined {
  const named = new Set([...(layers ?? []), ...(tables ?? [])].map(({ serviceItemId }) => serviceItemId ?? undefined));
  return named.size === 1 ? [...named][0] : undefined;
}
