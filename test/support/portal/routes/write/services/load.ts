import type { Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { layersIn } from '../../../export-rows.ts';
import { isOn } from '../../../paging.ts';
import { attributesOf, define, globalIdName, globalIdOf } from '../../../table.ts';
import type { Layer, Row, Service } from '../../../words.ts';
import { invalid, isAnswer, write } from '../door.ts';
import { job, jsonOf, layerIn, moved, opened, server, type Open } from './door.ts';
import { addRow, rowOf, snapshot, updateRow, type Feature } from './rows.ts';

/** Loading whole layers (restore.md 2.1). */

interface Mapping {
  name: string;
  source?: string;
  sourceName?: string;
}

/** How an export names its tables. */
const tableName = (name: string) => name.replace(/[^\p{L}\p{N}_]/gu, '_');

interface Loading {
  table: string | undefined;
  mappings: Mapping[];
  /** do files at rows come along? Only when a whole service is loaded */
  carries: boolean;
}

/** The rows of a table as features, under the names of the fields that they go to. */
function featuresOf(from: Layer, rows: readonly Row[], mappings: readonly Mapping[]): Feature[] {
  define(from);
  const to = new Map(
    mappings.map(({ name, source, sourceName }) => [(source ?? sourceName ?? name).toLowerCase(), name]),
  );
  return rows.map((row) => {
    const values = Object.entries(attributesOf(from, row)).map(([name, value]) => [
      to.get(name.toLowerCase()) ?? name,
      value,
    ]);
    return {
      attributes: Object.fromEntries(values) as Feature['attributes'],
      ...(row.geometry && { geometry: row.geometry }),
    };
  });
}

async function sourceOf(ask: Ask): Promise<Layer[] | Answer> {
  const { params, state } = ask;
  const item = state.org.items.get(params.get('appendItemId') ?? '');
  const content = item?.job?.content ?? item?.data ?? state.uploads.get(params.get('appendUploadId') ?? '')?.content;
  if (!content || item?.recycled) return invalid('The source of the append was not found.');
  const layers = await layersIn(content);
  return layers ?? invalid('The source of the append cannot be read.');
}

/** Loads a table into a layer; the answer is what the job says in its end. */
function load(
  ask: Ask,
  service: Service,
  layer: Layer,
  sources: readonly Layer[],
  { table, mappings, carries }: Loading,
): object | Answer {
  const from = sources.find(({ name }) => tableName(name).toLowerCase() === tableName(table ?? '').toLowerCase());
  if (!from) return invalid(`Table '${table ?? ''}' was not found in the source.`);
  const { writing } = ask.state;
  const isUpsert = isOn(ask, 'upsert');
  if (
    isUpsert &&
    (/\b(Sync|ChangeTracking)\b/.test(service.capabilities) ||
      !isUnique(layer, ask.params.get('upsertMatchingField') ?? ''))
  )
    return invalid('Upsert is not supported by this layer.');
  const back = snapshot(layer);
  const features = featuresOf(from, from.rows, mappings);
  // A job that fails has done half of its work.
  const some = writing.appendEnds === 'completed' ? features : features.slice(0, Math.ceil(features.length / 2));
  const results = some.map((feature, n) =>
    put(ask, service, layer, feature, isUpsert, carries ? from.rows[n] : undefined),
  );
  moved(ask, service.itemId, layer, 'rows');
  const wrong = results.find((each) => each !== undefined);
  const recordCount = some.length;
  if (writing.appendEnds === 'completed' && wrong === undefined)
    return {
      status: 'Completed',
      layerName: layer.name,
      recordCount,
      submissionTime: ask.state.org.now,
      lastUpdatedTime: ask.state.org.now,
    };
  const isBack = ask.params.get('rollbackOnFailure') === 'true' && writing.appendRollsBack;
  if (isBack) back();
  return {
    status: writing.failedWord,
    layerName: layer.name,
    recordCount: isBack ? 0 : recordCount,
    error: { code: 500, description: wrong ?? 'Append failed.' },
  };
}

function isUnique(layer: Layer, field: string): boolean {
  const indexes = (layer.definition?.['indexes'] ?? []) as { fields?: string; isUnique?: boolean }[];
  return field === globalIdName(layer) || indexes.some((each) => each.fields === field && each.isUnique === true);
}

/** One row; what is wrong with it, if anything. */
function put(
  ask: Ask,
  service: Service,
  layer: Layer,
  feature: Feature,
  isUpsert: boolean,
  from: Row | undefined,
): string | undefined {
  const field = globalIdName(layer);
  const globalId = field === undefined ? undefined : feature.attributes[field];
  const isHeld = isUpsert && typeof globalId === 'string' && rowOf(layer, globalId) !== undefined;
  if (isHeld)
    return isOn(ask, 'skipUpdates') ? undefined : updateRow(ask, service, layer, feature, true).error?.description;
  if (isUpsert && isOn(ask, 'skipInserts')) return undefined;
  const keepsId =
    field !== undefined && typeof globalId === 'string' && (isUpsert || ask.state.writing.appendGlobalIds === 'kept');
  const result = addRow(ask, service, layer, feature, keepsId);
  const row = layer.rows.at(-1);
  if (result.success && row && from && ask.state.writing.appendAttachments === 'carried')
    row.attachments.push(...from.attachments);
  return result.error?.description;
}

function appending(act: (ask: Ask, open: Open, sources: Layer[], id: string) => object | Answer) {
  return async (ask: Ask, name = '', id = ''): Promise<Answer> => {
    const open = opened(ask, name, /\bAppend\b/);
    if (isAnswer(open)) return open;
    if (!ask.params.get('appendUploadFormat')) return invalid("'appendUploadFormat' must be specified.");
    const sources = await sourceOf(ask);
    if (isAnswer(sources)) return sources;
    const result = act(ask, open, sources, id);
    return isAnswer(result) ? result : job(ask, name, 'statusUrl', result);
  };
}

const mappingsIn = (value: unknown) => (Array.isArray(value) ? (value as Mapping[]) : []);

const intoLayer = appending((ask, { service }, sources, id) => {
  const layer = layerIn(service, id);
  if (isAnswer(layer)) return layer;
  const table = ask.params.get('sourceTableName');
  return load(ask, service, layer, sources, {
    table,
    mappings: mappingsIn(jsonOf(ask, 'fieldMappings')),
    carries: false,
  });
});

/** POST append of a service: several layers, with their attachments. */
const intoService = appending((ask, { service }, sources) => {
  const asked = jsonOf(ask, 'layerMappings');
  if (!Array.isArray(asked)) return invalid("'layerMappings' must be specified.");
  let result: object = { status: 'Completed', recordCount: 0 };
  for (const { id, sourceTableName: table, fieldMappings } of asked as {
    id: number;
    sourceTableName?: string;
    fieldMappings?: unknown;
  }[]) {
    const layer = layerIn(service, String(id));
    if (isAnswer(layer)) return layer;
    const loaded = load(ask, service, layer, sources, { table, mappings: mappingsIn(fieldMappings), carries: true });
    if (isAnswer(loaded)) return loaded;
    result = loaded;
    if ((loaded as { status: string }).status !== 'Completed') break;
  }
  return result;
});

/** The global ids of a layer. For tests. */
export function globalIdsOf(layer: Layer): string[] {
  return layer.rows.map((row) => globalIdOf(layer, row));
}

/** Loading. */
export const loadRoutes: Route[] = [
  write(`${server}/(\\d+)/append`, intoLayer),
  write(`${server}/append`, intoService),
];
