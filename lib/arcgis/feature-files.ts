import { csvLine } from './csv.ts';
import { readPages, type Ask, type Row } from './feature-pages.ts';
import type { LayerInfo } from './layer-info.ts';

type Field = LayerInfo['fields'][number];

/**
 * The rows of a layer as a GeoJSON feature collection (RFC 7946), a row a line. Its bytes depend on the rows only, not on
 * the pages they came in nor on the order in which the server names their values. Throws as `readPages`.
 */
export async function* geoJsonOf(ask: Ask, info: LayerInfo, objectIds: readonly number[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"type":"FeatureCollection","features":[\n');
  const known = new Set(info.fields.map(({ name }) => name));
  let before = '';
  for await (const rows of readPages(ask, info, objectIds, 'geojson')) {
    yield Buffer.from(before + rows.map((row) => featureOf(row, known)).join(',\n'));
    before = ',\n';
  }
  yield Buffer.from('\n]}\n');
}

function featureOf({ objectId, values, geometry }: Row, known: ReadonlySet<string>): string {
  // What the service does not describe is kept nevertheless.
  const others = Object.keys(values).filter((name) => !known.has(name));
  const properties = Object.fromEntries([...known, ...others.sort()].map((name) => [name, values[name] ?? null]));
  return JSON.stringify({ type: 'Feature', id: objectId, geometry, properties });
}

/** The rows of a table as CSV (RFC 4180), the names of the fields first. Throws as `readPages`. */
export async function* csvOf(ask: Ask, info: LayerInfo, objectIds: readonly number[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(csvLine(info.fields.map(({ name }) => name)));
  for await (const rows of readPages(ask, info, objectIds, 'json')) {
    yield Buffer.from(rows.map(({ values }) => lineOf(values, info.fields)).join(''));
  }
}

function lineOf(values: Row['values'], fields: readonly Field[]): string {
  return csvLine(fields.map(({ name, type }) => textOf(values[name], type)));
}

/** Dates come as epoch ms; people and programs read ISO 8601. A number beyond what a date can be stays a number. */
function textOf(value: unknown, type: string): string {
  if (value === null || value === undefined) return '';
  if (type === 'esriFieldTypeDate' && typeof value === 'number' && Math.abs(value) <= 8.64e15) {
    return new Date(value).toISOString();
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
