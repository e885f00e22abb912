import { z } from 'zod';
import { safeFileName } from '../backup/names.ts';
import type { Item } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import { readAttachments } from './attachments.ts';
import { shaped, type Client } from './client.ts';
import { csvLine } from './csv.ts';
import { serviceAddress } from './service.ts';

/** One file made of a layer or a table, or an attachment of a row. */
export interface FeatureFile {
  /** below the item's folder */
  path: string;
  body: AsyncIterable<Uint8Array>;
  /** bytes, where the portal said */
  size?: number;
}

/** What reading rows needs to know of a layer or table. */
export interface LayerInfo {
  id: number;
  name: string;
  type: string;
  objectIdField: string;
  fields: { name: string; type: string }[];
  maxRecordCount: number;
  hasAttachments: boolean;
}

const layer = z.looseObject({
  id: z.number(),
  name: z.string().nullish(),
  type: z.string().nullish(),
  objectIdField: z.string().nullish(),
  fields: z.array(z.looseObject({ name: z.string(), type: z.string() })).nullish(),
  maxRecordCount: z.number().nullish(),
  hasAttachments: z.boolean().nullish(),
});
const service = z.looseObject({ layers: z.array(layer).nullish(), tables: z.array(layer).nullish() });
const ids = z.looseObject({ objectIds: z.array(z.number()).nullish() });
const count = z.looseObject({ count: z.number() });
const page = z.looseObject({
  features: z.array(
    z.looseObject({
      attributes: z.record(z.string(), z.unknown()).nullish(),
      properties: z.unknown().optional(),
      id: z.unknown().optional(),
    }),
  ),
});

type Row = z.infer<typeof page>['features'][number];

/** Rows a request; many rows have many bytes, and the answer is in memory. */
const mostRows = 500;

/**
 * Reads a hosted service row by row, without changing anything: a GeoJSON file for each layer, a CSV file for each table,
 * then the attachments. Files must be read one after the other. The same rows give the same bytes. Throws
 * LISTING_INCOMPLETE when rows came or went meanwhile, HOST_FOREIGN, PORTAL_….
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
 */
export async function* readFeatures(client: Client, item: Item): AsyncGenerator<FeatureFile> {
  const url = await serviceAddress(client, item);
  const what = `The rows of ${item.id}`;
  const answer = await client.signed((token) => client.wire.json({ url: `${url}/layers`, token, what }));
  const { layers, tables } = shaped(service, answer, what);
  for (const each of [...(layers ?? []), ...(tables ?? [])]) {
    const info = infoOf(each);
    // Group layers hold no rows of their own.
    if (info === undefined) continue;
    const isTable = info.type === 'Table';
    const ask = asker(client, `${url}/${info.id}`, `Layer ${info.id} of ${item.id}`);
    const objectIds = await readIds(ask);
    const name = safeFileName(`${info.id} ${info.name}.${isTable ? 'csv' : 'geojson'}`);
    yield { path: `features/${name}`, body: isTable ? csvOf(ask, info, objectIds) : geoJsonOf(ask, info, objectIds) };
    if (info.hasAttachments) yield* readAttachments(client, `${url}/${info.id}`, info.id, objectIds);
  }
}

type Ask = <T>(schema: z.ZodType<T>, params: Record<string, string | number | boolean>) => Promise<T>;

function asker(client: Client, url: string, what: string): Ask {
  return async (schema, params) => {
    // POST: lists of ids are longer than an address may be.
    const call = { url: `${url}/query`, method: 'POST', params: { where: '1=1', ...params }, what } as const;
    return shaped(schema, await client.signed((token) => client.wire.json({ ...call, token })), what);
  };
}

function infoOf({
  id,
  name,
  type,
  objectIdField,
  fields,
  maxRecordCount,
  hasAttachments,
}: z.infer<typeof layer>): LayerInfo | undefined {
  if (!fields || (type !== 'Table' && type !== 'Feature Layer')) return undefined;
  return {
    id,
    name: name ?? '',
    type,
    objectIdField: objectIdField ?? fields.find((field) => field.type === 'esriFieldTypeOID')?.name ?? 'OBJECTID',
    fields: fields.map((field) => ({ name: field.name, type: field.type })),
    maxRecordCount: maxRecordCount ?? mostRows,
    hasAttachments: hasAttachments ?? false,
  };
}

/** All ids in ascending order; as many as the service counts. */
async function readIds(ask: Ask): Promise<number[]> {
  const { objectIds } = await ask(ids, { returnIdsOnly: true });
  const sorted = [...(objectIds ?? [])].sort((a, b) => a - b);
  await checkCount(ask, sorted.length);
  return sorted;
}

async function checkCount(ask: Ask, expected: number): Promise<void> {
  const { count: now } = await ask(count, { returnCountOnly: true });
  if (now !== expected) throw moved();
}

function moved(): BackupError {
  return new BackupError('LISTING_INCOMPLETE', 'Rows were added or deleted while the layer was read.');
}

/** The rows of a page, in the order of their ids. A server may give fewer than were asked for; then it is asked for less. */
async function readRows(
  ask: Ask,
  objectIds: readonly number[],
  format: 'geojson' | 'json',
  idOf: (row: Row) => number,
): Promise<Row[]> {
  const params = {
    objectIds: objectIds.join(','),
    outFields: '*',
    outSR: 4326,
    returnGeometry: format === 'geojson',
    f: format,
  };
  const { features } = await ask(page, params);
  const byId = new Map(features.map((row) => [idOf(row), row]));
  if (byId.size === objectIds.length) return objectIds.map((id) => byId.get(id) ?? missing());
  if (objectIds.length === 1) throw moved();
  const half = Math.ceil(objectIds.length / 2);
  const rows = await readRows(ask, objectIds.slice(0, half), format, idOf);
  return [...rows, ...(await readRows(ask, objectIds.slice(half), format, idOf))];
}

function missing(): never {
  throw moved();
}

async function* pagesOf(
  ask: Ask,
  { maxRecordCount }: LayerInfo,
  objectIds: readonly number[],
  read: (ids: readonly number[]) => Promise<string[]>,
) {
  const most = Math.max(1, Math.min(maxRecordCount, mostRows));
  for (let n = 0; n < objectIds.length; n += most) yield await read(objectIds.slice(n, n + most));
  await checkCount(ask, objectIds.length);
}

async function* geoJsonOf(ask: Ask, info: LayerInfo, objectIds: readonly number[]): AsyncGenerator<Uint8Array> {
  const idOf = ({ id, properties }: Row) =>
    Number((properties as Record<string, unknown> | null)?.[info.objectIdField] ?? id);
  const read = async (some: readonly number[]) =>
    (await readRows(ask, some, 'geojson', idOf)).map((row) => JSON.stringify(row));
  yield Buffer.from('{"type":"FeatureCollection","features":[\n');
  let isFirst = true;
  for await (const rows of pagesOf(ask, info, objectIds, read)) {
    yield Buffer.from((isFirst ? '' : ',\n') + rows.join(',\n'));
    isFirst = false;
  }
  yield Buffer.from('\n]}\n');
}

async function* csvOf(ask: Ask, info: LayerInfo, objectIds: readonly number[]): AsyncGenerator<Uint8Array> {
  const names = info.fields.map(({ name }) => name);
  const dates = new Set(info.fields.filter(({ type }) => type === 'esriFieldTypeDate').map(({ name }) => name));
  const idOf = ({ attributes }: Row) => Number(attributes?.[info.objectIdField]);
  const read = async (some: readonly number[]) =>
    (await readRows(ask, some, 'json', idOf)).map(({ attributes }) =>
      csvLine(names.map((name) => valueOf(attributes?.[name], dates.has(name)))),
    );
  yield Buffer.from(csvLine(names));
  for await (const rows of pagesOf(ask, info, objectIds, read)) yield Buffer.from(rows.join(''));
}

/** Dates come as epoch ms; people and programs read ISO 8601. */
function valueOf(value: unknown, isDate: boolean): string {
  if (value === null || value === undefined) return '';
  if (isDate && typeof value === 'number') return new Date(value).toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
