import { objectIn } from '../../../arcgis/connection/fields.ts';
import type { Fields } from '../../record.ts';
import { definedIndexes, definedOfLayer, lower, trackedFields, without } from './server-made.ts';
import type { Sources } from './shown.ts';
import { isOfView, objectsIn, type LayerDefinition, type ServiceDefinition } from './service-definition.ts';

/** What comes in a call of its own, when all layers are there (restore.md 3.2). */
const afterwards = [
  ...['relationships', 'subtypes', 'subtypeField', 'defaultSubtypeCode', 'contingentValues', 'timeInfo'],
  ...['multiScaleGeometryInfo', 'indexes'],
];

/** What a layer of a view has from its source. */
const fromSource = ['fields', 'definitionQuery', 'objectIdField', 'globalIdField', 'hasAttachments'];

/** One layer or table, as addToDefinition takes it. */
export function layerBody(layer: LayerDefinition, isEnterprise: boolean, sources: Sources): Fields {
  const { id, name, json, recipe, isTable } = layer;
  const type = isTable ? 'Table' : (json['type'] ?? 'Feature Layer');
  const kept = without(definedOfLayer(json), (key) => afterwards.includes(key));
  if (recipe !== undefined && isOfView(recipe))
    return {
      ...without(kept, (key) => fromSource.includes(key)),
      ...{ id, name, type },
      adminLayerInfo: recipeFor(recipe, isEnterprise, sources),
    };
  const indexes = indexesFor(json);
  return { ...kept, id, name, type, fields: fieldsFor(json), ...(indexes.length > 0 && { indexes }) };
}

/** Fields that the portal fills itself once tracking is on again can be written until then (restore.md 2.2). */
function fieldsFor(json: Fields): Fields[] {
  const tracked = trackedFields(json);
  return objectsIn(json['fields']).map((field) =>
    tracked.has(lower(field['name'])) ? { ...field, editable: true } : field,
  );
}

/** What others refer to by a key must be unique (restore.md 3.2). */
function indexesFor(json: Fields): Fields[] {
  const keys = new Set(
    objectsIn(json['relationships'])
      .filter(({ role }) => role === 'esriRelRoleOrigin')
      .map(({ keyField }) => lower(keyField)),
  );
  return definedIndexes(json).map((index) => (keys.has(lower(index['fields'])) ? { ...index, isUnique: true } : index));
}

/** A recipe without what is the old source's own, and with the name that the source has now. */
function recipeFor(recipe: Fields, isEnterprise: boolean, sources: Sources): Fields {
  const { geometryField, viewLayerDefinition, ...rest } = without(recipe, (key) =>
    ['xssTrustedFields', 'tableName'].includes(key),
  );
  const definition = renamed(objectIn(viewLayerDefinition) ?? {}, sources);
  const table = objectIn(definition['table']);
  const field = objectIn(geometryField);
  const shape = isEnterprise ? 'shape' : 'Shape';
  const tableName = table?.['name'];
  const geometry =
    typeof field?.['name'] === 'string' && field['name'] !== '' && typeof tableName === 'string'
      ? { geometryField: { ...field, name: `${tableName}.${shape}` } }
      : {};
  return { ...rest, ...geometry, viewLayerDefinition: definition };
}

function renamed(fields: Fields, sources: Sources): Fields {
  const { table, relatedTables, ...rest } = without(fields, (key) => key === 'sourceId');
  return {
    ...rest,
    ...nowOf(fields, sources),
    ...(objectIn(table) && { table: renamed(objectIn(table) ?? {}, sources) }),
    ...(Array.isArray(relatedTables) && {
      relatedTables: objectsIn(relatedTables).map((each) => renamed(each, sources)),
    }),
  };
}

function nowOf({ sourceServiceName, sourceLayerId }: Fields, sources: Sources): Fields {
  if (typeof sourceServiceName !== 'string') return {};
  const { name, layers } = sources(sourceServiceName);
  const moved = typeof sourceLayerId === 'number' ? layers.get(sourceLayerId) : undefined;
  return { sourceServiceName: name, ...(moved !== undefined && { sourceLayerId: moved }) };
}

/** The names of the services that a view's recipes say, each once. */
export function sourceNamesOf({ layers }: ServiceDefinition): string[] {
  const names = new Set<string>();
  const collect = (fields: Fields | undefined) => {
    const name = fields?.['sourceServiceName'];
    if (typeof name === 'string') names.add(name);
    if (objectIn(fields?.['table'])) collect(objectIn(fields?.['table']));
    for (const each of objectsIn(fields?.['relatedTables'])) collect(each);
  };
  for (const { recipe } of layers) collect(objectIn(recipe?.['viewLayerDefinition']));
  return [...names];
}

/** Layers that one call adds (restore.md 3.2). */
const mostAtOnce = 20;

/**
 * The bodies of the calls that add these layers: layers before tables, 20 at a time; of a view that shows several services, or
 * one of them twice, each layer by itself in the order of its number.
 */
export function additions(
  service: ServiceDefinition,
  missing: readonly LayerDefinition[],
  isEnterprise: boolean,
  sources: Sources,
): Fields[] {
  const isAlone = service.isView && (service.service['isMultiServicesView'] === true || isSelfReferring(service));
  const ordered = isAlone ? [...missing].sort((a, b) => a.id - b.id) : [...missing].sort(layersFirst);
  const size = isAlone ? 1 : mostAtOnce;
  const bodies: Fields[] = [];
  for (let n = 0; n < ordered.length; n += size) {
    const some = ordered.slice(n, n + size);
    const of = (isTable: boolean) =>
      some.filter((each) => each.isTable === isTable).map((each) => layerBody(each, isEnterprise, sources));
    bodies.push({ layers: of(false), tables: of(true) });
  }
  return bodies;
}

const layersFirst = (a: LayerDefinition, b: LayerDefinition) => Number(a.isTable) - Number(b.isTable) || a.id - b.id;

/** Does a view show one layer of its source twice, or join its own layers? */
function isSelfReferring({ layers }: ServiceDefinition): boolean {
  const names = new Set(layers.map(({ name }) => name));
  const seen = new Set<string>();
  return layers.some(({ recipe }) => {
    const table = objectIn(objectIn(recipe?.['viewLayerDefinition'])?.['table']);
    if (table === undefined) return false;
    const key = JSON.stringify([table['sourceServiceName'], table['sourceLayerId']]);
    const isTwice = seen.has(key);
    seen.add(key);
    return isTwice || objectsIn(table['relatedTables']).some(({ name }) => names.has(String(name)));
  });
}
