import { createHash } from 'node:crypto';
import type { Definition, Field, Layer, Row } from './words.ts';

/** The rows of a layer in the terms of its fields, be they the three that every plain layer has, or its own. */

/** The fields of a layer that says nothing of its own. */
export const plainFields: Field[] = [
  { name: 'OBJECTID', type: 'esriFieldTypeOID', alias: 'OBJECTID' },
  { name: 'NAME', type: 'esriFieldTypeString', alias: 'Name', length: 100 },
  { name: 'DAY', type: 'esriFieldTypeDate', alias: 'Day' },
];

/** Its fields. */
export function fieldsOf({ definition }: Layer): Field[] {
  return definition?.fields ?? plainFields;
}

/** The name of the field with the object ids. */
export function objectIdName(layer: Layer): string {
  return fieldsOf(layer).find(({ type }) => type === 'esriFieldTypeOID')?.name ?? 'OBJECTID';
}

/** The name of the field with the global ids; undefined: there are none. */
export function globalIdName(layer: Layer): string | undefined {
  return fieldsOf(layer).find(({ type }) => type === 'esriFieldTypeGlobalID')?.name;
}

/** The values of a row, by field. */
export function attributesOf(layer: Layer, row: Row): Record<string, unknown> {
  if (!layer.definition) return { OBJECTID: row.id, NAME: row.name, DAY: row.day };
  const values = row.values ?? { NAME: row.name, DAY: row.day };
  const oid = objectIdName(layer);
  return Object.fromEntries(fieldsOf(layer).map(({ name }) => [name, name === oid ? row.id : (values[name] ?? null)]));
}

/** The global id of a row: what its field says, or one that comes of its number. */
export function globalIdOf(layer: Layer, row: Row): string {
  const name = globalIdName(layer);
  const held = name === undefined ? undefined : row.values?.[name];
  return typeof held === 'string' ? held : `{${String(row.id).padStart(8, '0')}-0000-4000-8000-000000000000}`;
}

/** A global id that no other row has. */
export function newGlobalId(seed: string): string {
  const hex = createHash('md5').update(seed).digest('hex');
  return `{${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-').toUpperCase()}}`;
}

/** From now on the layer has fields of its own, at first the three of a plain one; its rows stay what they are. */
export function define(layer: Layer): Definition {
  if (layer.definition) return layer.definition;
  const isSpatial = layer.type === 'Feature Layer';
  for (const row of layer.rows) {
    row.values ??= { NAME: row.name, DAY: row.day };
    if (isSpatial) row.geometry ??= pointOf(layer, row);
  }
  const geometryType = layer.shape?.geometryType ?? 'esriGeometryPoint';
  layer.definition = { fields: structuredClone(plainFields), ...(isSpatial && { geometryType }) };
  return layer.definition;
}

/** Where the points of plain rows lie. */
function pointOf({ shape }: Layer, { id }: Row): Record<string, unknown> {
  return { x: id, y: id, ...(shape?.hasZ && { z: id * 10 }), ...(shape?.hasM && { m: id * 100 }) };
}

/** The layer gets a field with global ids, one for each row that is there. */
export function addGlobalIds(layer: Layer, seed: string): void {
  const definition = define(layer);
  if (globalIdName(layer) !== undefined) return;
  definition.fields.push({ name: 'GlobalID', type: 'esriFieldTypeGlobalID', alias: 'GlobalID', length: 38 });
  definition['globalIdField'] = 'GlobalID';
  for (const row of layer.rows) row.values = { ...row.values, GlobalID: newGlobalId(`${seed} ${layer.id} ${row.id}`) };
}

/** The number that the next row gets. */
export function nextId(layer: Layer): number {
  layer.next ??= layer.rows.reduce((most, { id }) => Math.max(most, id), 0) + 1;
  return layer.next++;
}

/** What older exports say of a row. */
export function plainValues(values: Readonly<Record<string, unknown>>): Pick<Row, 'name' | 'day'> {
  const { NAME: name, DAY: day } = values;
  return { name: typeof name === 'string' ? name : null, day: typeof day === 'number' ? day : null };
}
