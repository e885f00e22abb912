import { z } from 'zod';
import { BackupError, isCode } from '../errors.ts';
import { shaped, type Client } from './client.ts';
import { askService } from './service.ts';
import type { LayerInfo } from './layer-info.ts';

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
});

/** A row as the service gives it: `attributes` in Esri's JSON; `properties` and `geometry` in GeoJSON. */
export interface Row {
  objectId: number;
  values: Readonly<Record<string, unknown>>;
  geometry: unknown;
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
  format: 'geojson' | 'json',
): AsyncGenerator<Row[]> {
  const most = Math.max(1, Math.min(info.maxRecordCount, mostRows));
  let size = most;
  for (let n = 0; n < objectIds.length;) {
    const some = objectIds.slice(n, n + size);
    const rows = await readPage(ask, info, some, format);
    if (rows === undefined) {
      if (some.length === 1) throw moved();
      size = Math.ceil(some.length / 2);
      continue;
    }
    yield rows;
    n += rows.length;
    size = Math.min(most, size + Math.ceil(size / 4));
  }
  await checkCount(ask, objectIds.length);
}

/** Exactly these rows; undefined when not all of them came. */
async function readPage(
  ask: Ask,
  { objectIdField, hasZ }: LayerInfo,
  objectIds: readonly number[],
  format: 'geojson' | 'json',
): Promise<Row[] | undefined> {
  const hasShapes = format === 'geojson';
  const params = {
    objectIds: objectIds.join(','),
    outFields: '*',
    outSR: 4326,
    returnGeometry: hasShapes,
    // Heights are left out unless they are asked for.
    ...(hasShapes && hasZ && { returnZ: true }),
    f: format,
  };
  try {
    const { features } = await ask(page, params);
    const byId = new Map(features.map((feature) => rowOf(feature, objectIdField)).map((row) => [row.objectId, row]));
    const rows = objectIds.flatMap((id) => byId.get(id) ?? []);
    return rows.length === objectIds.length ? rows : undefined;
  } catch (error) {
    // Too much for one answer has no code of its own; what still fails for a single row is another matter.
    if (objectIds.length === 1 || !isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER')) throw error;
    return undefined;
  }
}

function rowOf(feature: z.infer<typeof page>['features'][number], objectIdField: string): Row {
  const held = feature.properties ?? feature.attributes ?? {};
  const id = held[objectIdField] ?? feature.id;
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
