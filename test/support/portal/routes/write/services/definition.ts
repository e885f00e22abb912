import { json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { isOn } from '../../../paging.ts';
import { adminWord } from '../../services.ts';
import { define, fieldsOf } from '../../../table.ts';
import type { Field, Layer, Service } from '../../../words.ts';
import { invalid, isAnswer, write } from '../door.ts';
import { admin, allOf, job, jsonOf, layerIn, moved, opened, type Open } from './door.ts';
import { definitionOf, own, smallNames } from './layer-definition.ts';
import { trackEdits } from './tracking.ts';
import { viewLayer } from './views.ts';

/** Layers, tables and their parts: added, changed, taken away (restore.md 2.1 and 3.2). */

type Json = Record<string, unknown>;
type Change = (ask: Ask, open: Open, said: Json, layer: Layer | undefined) => Answer | undefined;

function listIn(said: Json, name: string): Json[] {
  return Array.isArray(said[name]) ? (said[name] as Json[]) : [];
}

/** POST addToDefinition of a service: layers before tables; what names a layer that is there adds to that. */
const add: Change = (ask, open, said, layer) => {
  if (layer) return addParts(ask, open, layer, said);
  for (const [type, name] of [
    ['Feature Layer', 'layers'],
    ['Table', 'tables'],
  ] as const)
    for (const each of listIn(said, name)) {
      const held = allOf(open.service).find(
        ({ id, name: title }) => id === each['id'] && (each['name'] ?? title) === title,
      );
      const refused = held ? addParts(ask, open, held, each) : addLayer(ask, open, type, each);
      if (refused) return refused;
    }
  return undefined;
};

function addLayer(ask: Ask, open: Open, type: Layer['type'], given: Json): Answer | undefined {
  const { service, item } = open;
  const said = ask.state.writing.smallFields ? smallNames(given) : given;
  const name = said['name'];
  if (typeof name !== 'string' || name === '') return invalid("'name' of a layer must be specified.");
  const isView = service.definition?.['isView'] === true;
  const id = idFor(ask, service, said['id'], isView);
  if (id === undefined) return invalid(`Layer id ${String(said['id'])} is taken.`);
  const at = ask.state.org.tick();
  const editingInfo = { lastEditDate: at, schemaLastEditDate: at, dataLastEditDate: at };
  const definition = definitionOf(said);
  const made: Layer | Answer = isView
    ? viewLayer(ask, open, { id, name, type, editingInfo, rows: [], definition }, said[adminWord])
    : { id, name, type, editingInfo, rows: [], definition };
  if (isAnswer(made)) return made;
  (type === 'Table' ? service.tables : service.layers).push(made);
  trackEdits(service, made);
  ask.state.org.editItem(item.record.id, {});
  return undefined;
}

/** The wished id where it is free; layers are numbered one after the other without one. */
function idFor({ state }: Ask, service: Service, wished: unknown, isView: boolean): number | undefined {
  const taken = new Set(allOf(service).map(({ id }) => id));
  if (typeof wished === 'number' && !(isView && state.writing.viewsReorder))
    return taken.has(wished) ? undefined : wished;
  const highest = Math.max(-1, ...taken);
  return highest + 1;
}

/** Fields, indexes, relationships and whatever else comes in lists. */
function addParts(ask: Ask, { service }: Open, layer: Layer, given: Json): Answer | undefined {
  const said = ask.state.writing.smallFields ? smallNames(given) : given;
  const definition = define(layer);
  for (const field of listIn(said, 'fields') as Field[]) {
    if (fieldsOf(layer).some(({ name }) => name.toLowerCase() === field.name.toLowerCase()))
      return invalid(`Field '${field.name}' already exists.`);
    definition.fields.push(structuredClone(field));
  }
  for (const name of ['indexes', 'relationships', 'types', 'templates', 'subtypes'])
    if (listIn(said, name).length > 0) definition[name] = [...listIn(definition, name), ...listIn(said, name)];
  const contingent = contingentIn(said);
  if (contingent !== undefined)
    Object.assign(definition, { contingentValues: contingent, hasContingentValuesDefinition: true });
  moved(ask, service.itemId, layer, 'schema');
  return undefined;
}

/** Texts come inside the definition, and are told beside it, as Esri's own tools have it. */
function contingentIn(said: Json): unknown {
  const definition = said['contingentValuesDefinition'] as Json | undefined;
  if (definition === undefined) return said['contingentValues'];
  const { stringDicts, ...rest } = definition;
  return { contingentValuesDefinition: rest, ...(stringDicts !== undefined && { stringDicts }) };
}

/** POST updateDefinition: what is not named stays; a field keeps its type and its length. */
const update: Change = (ask, { service, item }, said, layer) => {
  if (!layer) return updateService(ask, service, item.record.id, said);
  const definition = define(layer);
  const { fields: _, ...more } = said;
  for (const field of listIn(said, 'fields') as Field[]) {
    const held = definition.fields.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    if (!held) return invalid(`Field '${field.name}' does not exist.`);
    const isOther = (key: 'type' | 'length') => field[key] !== undefined && field[key] !== held[key];
    if (isOther('type') || isOther('length'))
      return invalid(`Type and length of field '${field.name}' cannot be changed.`);
    Object.assign(held, structuredClone(field));
  }
  if (typeof more['name'] === 'string') layer.name = more['name'];
  Object.assign(
    definition,
    structuredClone(Object.fromEntries(Object.entries(more).filter(([key]) => !own.includes(key)))),
  );
  moved(ask, service.itemId, layer, 'schema');
  return undefined;
};

function updateService(ask: Ask, service: Service, itemId: string, said: Json): undefined {
  const { capabilities, editorTrackingInfo, ...more } = said;
  const { layers: _layers, tables: _tables, isView: _view, ...rest } = more;
  service.definition = { ...service.definition, ...structuredClone(rest) };
  if (typeof capabilities === 'string') service.capabilities = capabilities;
  if (editorTrackingInfo !== undefined) {
    const had = service.definition['editorTrackingInfo'] as Json | undefined;
    service.definition['editorTrackingInfo'] = { ...had, ...(editorTrackingInfo as Json) };
    for (const layer of allOf(service)) trackEdits(service, layer, ask.state.writing.trackingRenews);
  }
  ask.state.org.editItem(itemId, {});
}

/** POST deleteFromDefinition: layers and tables of a service, fields and other parts of a layer. */
const remove: Change = (ask, { service }, said, layer) => {
  const ids = [...listIn(said, 'layers'), ...listIn(said, 'tables')].map((each) => Number(each['id']));
  if (!layer) {
    const held = allOf(service).map(({ id }) => id);
    if (ids.some((id) => !held.includes(id))) return invalid('Invalid layer or table.');
    service.layers = service.layers.filter(({ id }) => !ids.includes(id));
    service.tables = service.tables.filter(({ id }) => !ids.includes(id));
    if (allOf(service).length === 0) service.viewOf = null;
    ask.state.org.editItem(service.itemId, {});
    return undefined;
  }
  const definition = define(layer);
  const names = new Set(listIn(said, 'fields').map((each) => each['name']));
  definition.fields = definition.fields.filter(({ name }) => !names.has(name));
  for (const row of layer.rows)
    for (const name of names) if (row.values) Reflect.deleteProperty(row.values, name as string);
  for (const part of ['relationships', 'indexes']) {
    const key = part === 'indexes' ? 'name' : 'id';
    const gone = listIn(said, part).map((each) => each[key]);
    if (gone.length > 0) definition[part] = listIn(definition, part).filter((each) => !gone.includes(each[key]));
  }
  moved(ask, service.itemId, layer, 'schema');
  return undefined;
};

/** By the address of the service or of a layer; with async=true a job that may fail. */
function changing(verb: string, change: Change): Route[] {
  const answer = (ask: Ask, name = '', id?: string): Answer => {
    const open = opened(ask, name);
    if (isAnswer(open)) return open;
    const layer = id === undefined || id === '' ? undefined : layerIn(open.service, id);
    if (layer && isAnswer(layer)) return layer;
    const said = jsonOf(ask, verb);
    if (typeof said !== 'object' || said === null) return invalid(`'${verb}' must be specified.`);
    const { failedJobs, failedWord } = ask.state.writing;
    if (isOn(ask, 'async') && failedJobs)
      return job(ask, name, 'statusURL', { status: failedWord, error: { code: 500 } });
    const refused = change(ask, open, said as Json, layer);
    if (refused) return refused;
    return isOn(ask, 'async') ? job(ask, name, 'statusURL', { status: 'Completed' }) : json({ success: true });
  };
  return [write(`${admin}(?:/(\\d+))?/${verb}`, answer)];
}

function refresh(ask: Ask, name = ''): Answer {
  const open = opened(ask, name);
  return isAnswer(open) ? open : json({ success: true });
}

/** Definitions; by the address for administrators alone. */
export const definitionRoutes: Route[] = [
  ...changing('addToDefinition', add),
  ...changing('updateDefinition', update),
  ...changing('deleteFromDefinition', remove),
  write(`${admin}(?:/\\d+)?/refresh`, refresh),
];
