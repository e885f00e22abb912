import { z } from 'zod';
import { BackupError, isCode } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { askService } from './service.ts';
import { moved, short } from './row-trouble.ts';
import { multipatch, type Form, type LayerInfo } from './layer-info.ts';

/** The answer to `returnIdsOnly`. Ids of 64 bits may come as texts. */
export const ids = z.looseObject({
  objectIds: z
    .array(z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]))
    .nullish()
    .transform((all) => all ?? []),
});
/** The answer to `returnCountOnly`. */
export const count = z.looseObject({ count: z.number() });
const values = z.record(z.string(), z.unknown()).nullish();
/** Rows, in Esri's JSON or in GeoJSON. */
export const page = z.looseObject({
  features: z.array(
    z.looseObject({
      attributes: values,
      properties: values,
      id: z.unknown().optional(),
      geometry: z.unknown().optional(),
    }),
  ),
  spatialReference: z.unknown().optional(),
});

/** A row as the service gives it: `attributes` in Esri's JSON; `properties` and `geometry` in GeoJSON. */
export interface Row {
  /** NaN where rows have none */
  objectId: number;
  values: Readonly<Record<string, unknown>>;
  geometry: unknown;
}

/** Some rows, and in which spatial reference Esri's JSON has their shapes. */
export interface Page {
  rows: readonly Row[];
  spatialReference: unknown;
}

/** Asks a layer's query operation. Throws as `Wire.json`, and PORTAL_ANSWER. */
export type Ask = <T>(schema: z.ZodType<T>, params: Record<string, string | number | boolean>) => Promise<T>;

/** Rows a request; many rows have many bytes, and the answer is in memory. */
export const mostRows = 500;

/** @param url of the layer */
export function asker(client: Client, url: string, what: string): Ask {
  return async (schema, params) => {
    // POST: lists of ids are longer than an address may be.
    const call = { url: `${url}/query`, method: 'POST', params: { where: '1=1', ...params }, what } as const;
    return shaped(schema, await askService(client, call), what);
  };
}

/** Do rows that were asked for by their ids come without them? Then they are read in the order of their values. */
export class RowsWithoutIds extends Error {}

/**
 * The rows in the order of their ids, a page at a time. A server may give fewer than were asked for, or fail over many
 * large shapes; then it is asked for less at a time, and little by little for more again. Throws LISTING_INCOMPLETE when a row
 * is gone meanwhile, ITEM_TRUNCATED when one that the service lists does not come, and RowsWithoutIds instead of a first page.
 * @param from how many of them were read before
 */
export async function* readPages(
  ask: Ask,
  info: LayerInfo,
  objectIds: readonly number[],
  form: Form,
  from = 0,
): AsyncGenerator<Page> {
  const most = Math.min(info.maxRecordCount, mostRows);
  let size = most;
  for (let n = from; n < objectIds.length;) {
    const some = objectIds.slice(n, n + size);
    const found = await readPage(ask, info, some, form, n === 0);
    if (found === undefined) {
      if (some.length === 1) throw await lackingRow(ask, some[0] ?? NaN, objectIds.length, n);
      size = Math.ceil(some.length / 2);
      continue;
    }
    yield found;
    n += found.rows.length;
    size = Math.min(most, size + Math.ceil(size / 4));
  }
}

/** Exactly these rows; undefined when not all of them came. */
async function readPage(
  ask: Ask,
  info: LayerInfo,
  objectIds: readonly number[],
  form: Form,
  isFirst: boolean,
): Promise<Page | undefined> {
  try {
    const { features, spatialReference } = await ask(page, { ...asked(info, form), objectIds: objectIds.join(',') });
    const all = rowsOf(features, info.objectIdField, form);
    const byId = new Map(all.map((row) => [row.objectId, row]));
    if (isFirst && all.length > 0 && byId.size === 1 && byId.has(NaN)) throw new RowsWithoutIds();
    const rows = objectIds.flatMap((id) => byId.get(id) ?? []);
    return rows.length === objectIds.length ? { rows, spatialReference } : undefined;
  } catch (error) {
    // Too much for one answer has no code of its own; what still fails for a single row is another matter.
    if (error instanceof NotGeoJson || objectIds.length === 1 || !isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER'))
      throw error;
    return undefined;
  }
}

/** Was the row deleted, or does the service list it and not give it? */
async function lackingRow(ask: Ask, id: number, all: number, before: number): Promise<BackupError> {
  const { objectIds } = await ask(ids, { returnIdsOnly: true });
  if (!objectIds.includes(id)) return moved();
  return short(`it lists row ${id} and does not give it: it is the first after ${before} of ${all} rows`);
}

/** All that rows have, in this form: heights, measures, curves and triangles are left out unless they are asked for. */
export function asked({ isTable, geometryType, hasZ, hasM, hasCurves }: LayerInfo, form: Form) {
  const common = { outFields: '*', returnGeometry: !isTable };
  if (isTable) return { ...common, f: 'json' };
  if (form === 'geojson') return { ...common, outSR: 4326, f: 'geojson', ...(hasZ && { returnZ: true }) };
  return {
    ...common,
    f: 'json',
    ...(hasZ && { returnZ: true }),
    ...(hasM && { returnM: true }),
    ...(hasCurves && { returnTrueCurves: true }),
    ...(geometryType === multipatch && { multipatchOption: 'embedMaterials' }),
  };
}

/** A service that does not know `f=geojson` answers in Esri's JSON all the same: no program would find the shapes of that. */
export class NotGeoJson extends BackupError {
  constructor() {
    super('PORTAL_ANSWER', 'The service was asked for GeoJSON, and its shapes are none.');
  }
}

/** The rows of an answer. Throws NotGeoJson. @param objectIdField as `rowOf` has it */
export function rowsOf(
  features: z.infer<typeof page>['features'],
  objectIdField: string | undefined,
  form: Form,
): Row[] {
  const rows = features.map((each) => rowOf(each, objectIdField));
  const isOther = ({ geometry }: Row) => typeof geometry === 'object' && geometry !== null && !('type' in geometry);
  if (form === 'geojson' && rows.some(isOther)) throw new NotGeoJson();
  return rows;
}

/** @param objectIdField undefined where rows have no id; some databases write its name in other letters */
export function rowOf(feature: z.infer<typeof page>['features'][number], objectIdField: string | undefined): Row {
  const held = feature.properties ?? feature.attributes ?? {};
  const id = objectIdField === undefined ? NaN : (valueIn(held, objectIdField) ?? feature.id);
  // JSON may hold an object that no text can be made of.
  const isId = typeof id === 'number' || (typeof id === 'string' && id !== '');
  return { objectId: isId ? Number(id) : NaN, values: held, geometry: feature.geometry ?? null };
}

/** The value of a field, however the service spells its name; undefined where it has none such. */
export function valueIn(held: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name in held) return held[name];
  const other = Object.keys(held).find((each) => each.toLowerCase() === name.toLowerCase());
  return other === undefined ? undefined : held[other];
}
