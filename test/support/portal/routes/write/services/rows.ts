import type { Ask } from '../../../ask.ts';
import {
  define,
  fieldsOf,
  globalIdName,
  globalIdOf,
  newGlobalId,
  nextId,
  objectIdName,
  plainValues,
} from '../../../table.ts';
import type { Layer, Row, Service } from '../../../words.ts';
import { allOf } from './door.ts';
import { tracked, trackedFields } from './tracking.ts';

/** Adding, changing and deleting rows, one at a time; whoever calls takes all of it back when one of them fails. */

/** A row as it is sent. */
export interface Feature {
  attributes: Record<string, unknown>;
  geometry?: Record<string, unknown> | null;
}

/** What became of a row. */
export interface Result {
  objectId: number;
  globalId?: string;
  success: boolean;
  error?: { code: number; description: string };
}

/** The layer that holds the rows of this one, and its service. */
export function holder({ state }: Ask, service: Service, layer: Layer): { service: Service; layer: Layer } {
  const { source } = layer;
  const from = source && state.org.items.get(source.itemId)?.service;
  const held = from && allOf(from).find(({ id }) => id === source.layerId);
  return from && held ? { service: from, layer: held } : { service, layer };
}

/** A row that cannot be. */
export function failed(objectId: number, code: number, description: string): Result {
  return { objectId, success: false, error: { code, description } };
}

/** The values of fields that there are, in their own spelling. */
function valuesFor(layer: Layer, attributes: Record<string, unknown>): Record<string, unknown> {
  const said = new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));
  const own = fieldsOf(layer).filter(({ name, type }) => type !== 'esriFieldTypeOID' && said.has(name.toLowerCase()));
  return Object.fromEntries(own.map(({ name }) => [name, said.get(name.toLowerCase())]));
}

/** Why a value does not fit its field. */
function unfit(layer: Layer, values: Record<string, unknown>): string | undefined {
  for (const { name, length, nullable, type } of fieldsOf(layer)) {
    const value = values[name];
    if (value === undefined) continue;
    if (value === null && nullable === false && type !== 'esriFieldTypeGlobalID')
      return `Field ${name} is not nullable.`;
    if (typeof value === 'string' && type === 'esriFieldTypeString' && length !== undefined && value.length > length)
      return `Value of field ${name} is longer than ${length}.`;
    const isNumber = /Integer|Double|Single|BigInteger/.test(type);
    if (isNumber && value !== null && typeof value !== 'number') return `Invalid value for field ${name}.`;
  }
  return undefined;
}

/** Adds a row. @param keepsId under the global id that it brings */
export function addRow(ask: Ask, service: Service, layer: Layer, feature: Feature, keepsId: boolean): Result {
  define(layer);
  const values = valuesFor(layer, feature.attributes);
  const wrong = unfit(layer, values);
  if (wrong !== undefined) return failed(-1, 1000, wrong);
  const field = globalIdName(layer);
  const brought = field === undefined ? undefined : values[field];
  if (keepsId && field !== undefined) {
    if (typeof brought !== 'string') return failed(-1, 1000, 'A global id must be specified.');
    if (rowOf(layer, brought)) return failed(-1, 1000, 'A row with this global id already exists.');
  }
  const id = nextId(layer);
  if (field !== undefined && !keepsId)
    values[field] = newGlobalId(`${service.itemId} ${layer.id} ${id} ${ask.state.org.tick()}`);
  const now = ask.state.org.now;
  const all = tracked(trackedFields(service, layer), values, ask.caller.account?.username ?? '', now, true);
  const geometry = layer.type === 'Feature Layer' && feature.geometry ? { geometry: feature.geometry } : {};
  const row: Row = { id, ...plainValues(all), attachments: [], values: all, ...geometry };
  const index = indexOf(layer);
  layer.rows.push(row);
  enter(index, layer, row);
  return { objectId: id, ...(field !== undefined && { globalId: globalIdOf(layer, row) }), success: true };
}

/** Changes the fields that are named, and the shape if it comes. */
export function updateRow(ask: Ask, service: Service, layer: Layer, feature: Feature, byGlobalId: boolean): Result {
  define(layer);
  const field = globalIdName(layer);
  const values = valuesFor(layer, feature.attributes);
  const number = Number(feature.attributes[objectIdName(layer)]);
  const row = byGlobalId && field !== undefined ? rowOf(layer, String(values[field])) : indexOf(layer).ids.get(number);
  if (!row) return failed(number, 1019, 'Feature was not found.');
  if (field !== undefined) Reflect.deleteProperty(values, field);
  const wrong = unfit(layer, values);
  if (wrong !== undefined) return failed(row.id, 1000, wrong);
  const all = tracked(
    trackedFields(service, layer),
    values,
    ask.caller.account?.username ?? '',
    ask.state.org.tick(),
    false,
  );
  row.values = { ...row.values, ...all };
  Object.assign(row, plainValues(row.values), feature.geometry ? { geometry: feature.geometry } : {});
  return { objectId: row.id, ...(field !== undefined && { globalId: globalIdOf(layer, row) }), success: true };
}

/** Deletes a row with its attachments. */
export function deleteRow(layer: Layer, key: number | string): Result {
  const row = typeof key === 'string' ? rowOf(layer, key) : indexOf(layer).ids.get(key);
  if (!row) return failed(typeof key === 'number' ? key : -1, 1019, 'Feature was not found.');
  nextIdIsKept(layer);
  const { ids, globalIds } = indexOf(layer);
  ids.delete(row.id);
  globalIds.delete(bare(globalIdOf(layer, row)));
  layer.rows.splice(layer.rows.indexOf(row), 1);
  return {
    objectId: row.id,
    ...(globalIdName(layer) !== undefined && { globalId: globalIdOf(layer, row) }),
    success: true,
  };
}

/** Numbers of rows that are gone are not given again. */
export function nextIdIsKept(layer: Layer): void {
  layer.next ??= layer.rows.reduce((most, { id }) => Math.max(most, id), 0) + 1;
}

const bare = (id: string) => id.replace(/[{}]/g, '').toLowerCase();

interface Index {
  ids: Map<number, Row>;
  globalIds: Map<string, Row>;
}

const indexes = new WeakMap<Row[], Index>();

/** Forgets where rows are: tests may have changed them since the last request. */
export function forgetIndex({ rows }: Layer): void {
  indexes.delete(rows);
}

function indexOf(layer: Layer): Index {
  const held = indexes.get(layer.rows);
  if (held?.ids.size === layer.rows.length) return held;
  const made: Index = { ids: new Map(), globalIds: new Map() };
  for (const row of layer.rows) enter(made, layer, row);
  indexes.set(layer.rows, made);
  return made;
}

function enter({ ids, globalIds }: Index, layer: Layer, row: Row): void {
  ids.set(row.id, row);
  globalIds.set(bare(globalIdOf(layer, row)), row);
}

/** The row with this global id. */
export function rowOf(layer: Layer, globalId: string): Row | undefined {
  return globalIdName(layer) === undefined ? undefined : indexOf(layer).globalIds.get(bare(globalId));
}

/** The rows as they are now, to be put back. */
export function snapshot(layer: Layer): () => void {
  forgetIndex(layer);
  const rows = layer.rows.map((row) => ({ ...row, attachments: [...row.attachments] }));
  return () => {
    forgetIndex(layer);
    layer.rows.length = 0;
    for (const row of rows) layer.rows.push(row);
  };
}
