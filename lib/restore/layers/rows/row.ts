import { valueIn, type Row } from '../../../arcgis/layers/feature-pages.ts';
import { bareId } from '../../../arcgis/layers/global-ids.ts';
import type { HostedTable, LayerTraits } from '../../../arcgis/layers/hosted-service.ts';
import type { Form, LayerInfo } from '../../../arcgis/layers/layer-info.ts';
import type { SentRow } from '../../../arcgis/writing/service-writing.ts';
import { esriShape, isSamePlace } from './shape.ts';

/** What the portal computes itself. */
const isComputed = /^shape__?(?:area|length)$|^st_(?:area|length)\(|^shape$/i;

/** The value of a field, however the service spells its name; null where it has none such. */
export function valueOf({ values }: Pick<Row, 'values'>, name: string): unknown {
  return valueIn(values, name) ?? null;
}

/** The global id of a row in one spelling; undefined where it has none. */
export function globalIdOf(
  row: Pick<Row, 'values'>,
  { globalIdField }: Pick<LayerTraits, 'globalIdField'>,
): string | undefined {
  const value = globalIdField === undefined ? undefined : valueOf(row, globalIdField);
  return typeof value === 'string' && value !== '' ? bareId(value) : undefined;
}

/** The fields of a layer whose values rows bring with them: not those that the portal computes, nor the ids. */
export function ownFields({ fields, objectIdField }: LayerInfo, { globalIdField }: LayerTraits): string[] {
  return fields
    .filter(({ name, type }) => !isComputed.test(name) && !/^esriFieldType(?:OID|GlobalID|Geometry)$/.test(type))
    .map(({ name }) => name)
    .filter((name) => name !== objectIdField && name !== globalIdField);
}

/** How the shapes of rows are written. */
export interface Written {
  form: Form;
  /** of shapes in Esri's JSON */
  spatialReference: unknown;
}

/** A row as it is sent to a layer: what of it the layer has fields for. @param fields of them; all unless given */
export function sentRow(row: Row, table: HostedTable, written: Written, fields?: readonly string[]): SentRow {
  const names = fields ?? ownFields(table.info, table.traits);
  const known = new Set(Object.keys(row.values).map((name) => name.toLowerCase()));
  const held = names.filter((name) => known.has(name.toLowerCase()));
  const attributes = Object.fromEntries(held.map((name) => [name, valueOf(row, name)]));
  const geometry = table.info.isTable ? undefined : sentShape(row.geometry, written);
  return { attributes, ...(geometry !== undefined && { geometry }) };
}

function sentShape(geometry: unknown, { form, spatialReference }: Written): unknown {
  if (geometry === null || geometry === undefined) return undefined;
  if (form === 'geojson') return esriShape(geometry);
  return { ...geometry, ...(spatialReference !== null && spatialReference !== undefined && { spatialReference }) };
}

/** Where a row is not as the version has it: names of fields, `shape`. Both are written in the same form. */
export function differingFields(now: Row, then: Row, fields: readonly string[], isTable: boolean): string[] {
  const found = fields.filter((name) => !isSame(valueOf(now, name), valueOf(then, name)));
  if (!isTable && !isSamePlace(now.geometry, then.geometry)) found.push('shape');
  return found;
}

const isGuid = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'string' || typeof b !== 'string' || !isGuid.test(a)) return false;
  return isGuid.test(b) && bareId(a) === bareId(b);
}
