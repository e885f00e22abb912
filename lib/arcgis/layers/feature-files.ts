import type { BackupError } from '../../errors.ts';
import type { Page, Row } from './feature-pages.ts';
import type { Form, LayerInfo } from './layer-info.ts';

/**
 * The rows of a layer or a table in one JSON document, a row a line. Its bytes depend on the rows only, not on the pages they
 * came in nor on the order in which the server names their values. NULL is null, as an empty text is an empty text. A chunk for
 * each page, then one behind the last row.
 * @param from so many rows were written before, and the document goes on behind them
 */
export async function* documentOf(
  pages: AsyncIterable<Page>,
  info: LayerInfo,
  form: Form,
  from = 0,
): AsyncGenerator<Uint8Array> {
  const lineOf = form === 'geojson' ? featureOf : esriFeatureOf;
  const known = new Set(info.fields.map(({ name }) => name));
  let before = from > 0 ? ',\n' : undefined;
  for await (const { rows, spatialReference } of pages) {
    before ??= beginning(info, form, spatialReference);
    yield Buffer.from(before + rows.map((row) => lineOf(row, known)).join(',\n'));
    before = ',\n';
  }
  yield Buffer.from(`${before === undefined ? beginning(info, form, undefined) : ''}\n]}\n`);
}

/** GeoJSON (RFC 7946), or what Esri calls a feature set: https://developers.arcgis.com/documentation/common-data-types/featureset-object.htm */
function beginning(info: LayerInfo, form: Form, spatialReference: unknown): string {
  if (form === 'geojson') return '{"type":"FeatureCollection","features":[\n';
  const { objectIdField, geometryType, hasZ, hasM, fields } = info;
  const head = {
    ...(objectIdField !== undefined && { objectIdFieldName: objectIdField }),
    ...(geometryType !== undefined && { geometryType }),
    spatialReference: spatialReference ?? info.spatialReference ?? null,
    hasZ,
    hasM,
    fields,
  };
  return `${JSON.stringify(head).slice(0, -1)},"features":[\n`;
}

function featureOf({ objectId, values, geometry }: Row, known: ReadonlySet<string>): string {
  const properties = ordered(values, known);
  // A row without an object id has no `id`.
  return JSON.stringify({ type: 'Feature', ...(!Number.isNaN(objectId) && { id: objectId }), geometry, properties });
}

function esriFeatureOf({ values, geometry }: Row, known: ReadonlySet<string>): string {
  const isShape = typeof geometry === 'object' && geometry !== null;
  const sorted = isShape ? Object.fromEntries(Object.entries(geometry).sort(([a], [b]) => (a < b ? -1 : 1))) : null;
  return JSON.stringify({ attributes: ordered(values, known), geometry: sorted });
}

/** What the service does not describe is kept nevertheless. */
function ordered(values: Row['values'], known: ReadonlySet<string>): Record<string, unknown> {
  const others = Object.keys(values).filter((name) => !known.has(name));
  return Object.fromEntries([...known, ...others.sort()].map((name) => [name, values[name] ?? null]));
}

/** One file made of a layer or a table, or an attachment of a row. */
export interface FeatureFile {
  /** below the item's folder */
  path: string;
  /** The bytes, and how many they are where the portal said. Asked for once. */
  open(): Promise<{ body: AsyncIterable<Uint8Array>; size?: number }>;
  /** of rows: tells one set of them from another */
  seal?: string;
  /** of rows that a later activity may go on with */
  rows?: RowsFrom;
  /** may it be lacking without costing the layer? */
  isBeside: boolean;
}

/** Rows that can be read from any of them on. */
export interface RowsFrom {
  /** how many there are */
  count: number;
  /** The document's bytes behind so many rows: a chunk for some whole rows each, then one behind the last row. */
  from(rows: number): AsyncIterable<Uint8Array>;
}

/** Files of a layer that cannot even be listed. */
export interface LostFiles {
  /** below the item's folder: all that lies in it is concerned */
  folder: string;
  error: BackupError;
}

/** A document that is at hand. */
export function fileOf(path: string, body: AsyncIterable<Uint8Array>): FeatureFile {
  return { path, open: () => Promise.resolve({ body }), isBeside: false };
}
