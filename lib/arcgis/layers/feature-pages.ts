import { z } from 'zod';
import { BackupError, isCode } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { askService } from './service.ts';
import { multipatch, type Form, type LayerInfo } from './layer-info.ts';

/** The answer to `returnIdsOnly`. */
export const ids = z.looseObject({
  objectIds: z
    .array(z.number())
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
const mostRows = 500;

/** @param url of the layer */
export function asker(client: Client, url: string, what: string): Ask {
  return async (schema, params) => {
    // POST: lists of ids are longer than an address may be.
    const call = { url: `${url}/query`, method: 'POST', params: { where: '1=1', ...params }, what } as const;
    return shaped(schema, await askService(client, call), what);
  };
}

/** All ids in ascending order, each once; as many as the service counts. Throws LISTING_INCOMPLETE. */
export async function readIds(ask: Ask): Promise<number[]> {
  const { objectIds } = await ask(ids, { returnIdsOnly: true });
  const sorted = objectIds.sort((a, b) => a - b).filter((id, n, all) => id !== all[n - 1]);
  await checkCount(ask, sorted.length);
  return sorted;
}

/**
 * The rows in the order of their ids, a page at a time. A server may give fewer than were asked for, or fail over many
 * large shapes; then it is asked for less at a time, and little by little for more again. Throws LISTING_INCOMPLETE when
 * a row is gone or their number has changed.
 */
export async function* readPages(
  ask: Ask,
  info: LayerInfo,
  objectIds: readonly number[],
  form: Form,
): AsyncGenerator<Page> {
  const most = Math.max(1, Math.min(info.maxRecordCount, mostRows));
  let size = most;
  for (let n = 0; n < objectIds.length;) {
    const some = objectIds.slice(n, n + size);
    const found = await readPage(ask, info, some, form);
    if (found === undefined) {
      if (some.length === 1) throw moved();
      size = Math.ceil(some.length / 2);
      continue;
    }
    yield found;
    n += found.rows.length;
    size = Math.min(most, size + Math.ceil(size / 4));
  }
  await checkCount(ask, objectIds.length);
}

/** Exactly these rows; undefined when not all of them came. */
async function readPage(
  ask: Ask,
  info: LayerInfo,
  objectIds: readonly number[],
  form: Form,
): Promise<Page | undefined> {
  try {
    const { features, spatialReference } = await ask(page, { ...asked(info, form), objectIds: objectIds.join(',') });
    const byId = new Map(features.map((each) => rowOf(each, info.objectIdField)).map((row) => [row.objectId, row]));
    const rows = objectIds.flatMap((id) => byId.get(id) ?? []);
    return rows.length === objectIds.length ? { rows, spatialReference } : undefined;
  } catch (error) {
    // Too much for one answer has no code of its own; what still fails for a single row is another matter.
    if (objectIds.length === 1 || !isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER')) throw error;
    return undefined;
  }
}

/** All that rows have, in this form: heights, measures, curves and triangles are left out unless they are asked for. */
function asked({ isTable, geometryType, hasZ, hasM, hasCurves }: LayerInfo, form: Form) {
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

/**
 * The rows of a layer that has no object ids, in the order of their values: only so do pages fit together. Throws
 * LISTING_INCOMPLETE when they are not as many as the service counts before and after, and when pages do not fit.
 */
export async function* readInOrder(ask: Ask, info: LayerInfo, form: Form): AsyncGenerator<Page> {
  const { count: expected } = await ask(count, { returnCountOnly: true });
  const order = info.fields.filter(({ type }) => isOrdered.test(type)).map(({ name }) => name);
  let done = 0;
  let last = '';
  while (done < expected) {
    const params = { ...asked(info, form), ...(order.length > 0 && { orderByFields: order.join(',') }) };
    const { features, spatialReference } = await ask(page, {
      ...params,
      // Not every server knows pages, and the first needs none.
      ...(done > 0 && { resultOffset: done, resultRecordCount: Math.min(info.maxRecordCount, mostRows) }),
    });
    const now = JSON.stringify(features);
    // A server that knows no pages gives the first one again.
    if (features.length === 0 || now === last || (order.length === 0 && features.length < expected)) throw moved();
    last = now;
    done += features.length;
    yield { rows: features.map((each) => rowOf(each, undefined)), spatialReference };
  }
  if (done !== expected) throw moved();
  await checkCount(ask, expected);
}

const isOrdered = /^esriFieldType(SmallInteger|Integer|BigInteger|Single|Double|String|Date|DateOnly|GUID|GlobalID)$/;

function rowOf(feature: z.infer<typeof page>['features'][number], objectIdField: string | undefined): Row {
  const held = feature.properties ?? feature.attributes ?? {};
  const id = objectIdField === undefined ? NaN : (held[objectIdField] ?? feature.id);
  // JSON may hold an object that no text can be made of.
  return { objectId: typeof id === 'object' ? NaN : Number(id), values: held, geometry: feature.geometry ?? null };
}

async function checkCount(ask: Ask, expected: number): Promise<void> {
  const { count: now } = await ask(count, { returnCountOnly: true });
  if (now !== expected) throw moved();
}

function moved(): BackupError {
  return new BackupError('LISTING_INCOMPLETE', 'Rows were added or deleted while the layer was read.');
}
