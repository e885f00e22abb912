import type { Fields } from '../../record.ts';
import { covers } from './covers.ts';
import { pairsOf, type Pair } from './pairs.ts';
import { definedIndexes, definedOfLayer, lower, trackedFields } from './server-made.ts';
import { objectsIn, type LayerDefinition, type ServiceDefinition } from './service-definition.ts';
import { isSameSource, shownBy, unmoved, type Shown, type Sources } from './shown.ts';

/** Where a living service is not defined as the saved one. */
export interface DefinitionDifference {
  /** for people */
  what: string;
  /** it means the same */
  equivalent?: true;
  /** it is put back where the portal takes it, and where it does not it means little */
  isSoft?: true;
}

/** What of a layer decides what people see and may do; what else differs is the portal's own way to say the same. */
export const decisive = [
  ...['geometryType', 'hasZ', 'hasM', 'displayField', 'drawingInfo', 'templates', 'types', 'typeIdField', 'timeInfo'],
  ...['subtypeField', 'defaultSubtypeCode', 'subtypes', 'hasAttachments', 'minScale', 'maxScale', 'description'],
  'copyrightText',
] as const;

/** What decides nothing, and can be changed: how a layer is shown until somebody says otherwise. */
export const softParts = ['defaultVisibility', 'htmlPopupType', 'allowGeometryUpdates'] as const;

/** Conditions: none is not any. */
export const conditions = ['viewDefinitionQuery', 'definitionQuery'] as const;

/** What depends on the rows, or is compared by itself. */
const apart = new Set([
  'multiScaleGeometryInfo',
  'extent',
  'id',
  'name',
  'type',
  'fields',
  'indexes',
  'relationships',
  'editFieldsInfo',
]);

/** What a field must be; `visible` of views stands for itself. */
const ofField = ['type', 'length', 'alias', 'nullable', 'editable', 'domain', 'defaultValue', 'description'] as const;

/** Where the living service is not as the saved one says. What it has besides is no difference, but for fields that a view shows. */
export function definitionDifferences(
  saved: ServiceDefinition,
  living: ServiceDefinition,
  sources: Sources = unmoved,
): DefinitionDifference[] {
  const { pairs, missing } = pairsOf(saved, living);
  return [
    ...missing.map(({ name, id }) => ({ what: `${name} (${id}) is not there` })),
    ...pairs.flatMap((pair) => otherSource(pair, sources)),
    ...pairs.flatMap((pair) => differencesOfLayer(saved, living, pair)),
  ];
}

/** A layer of a view that shows another layer than it did. */
function otherSource({ saved, living }: Pair, sources: Sources): DefinitionDifference[] {
  const [wanted, found] = [shownBy(saved.recipe, sources), shownBy(living.recipe, unmoved)];
  if (wanted === undefined || found === undefined || isSameSource(wanted, found)) return [];
  const shows = ({ name, layer }: Shown) => `layer ${layer} of ${name}`;
  return [{ what: `${saved.name}: shows ${shows(found)}, not ${shows(wanted)}` }];
}

function differencesOfLayer(saved: ServiceDefinition, living: ServiceDefinition, pair: Pair): DefinitionDifference[] {
  const { saved: layer, living: found } = pair;
  const named = (what: string): DefinitionDifference => ({ what: `${layer.name}: ${what}` });
  return [
    ...(found.id === layer.id ? [] : [named(`has number ${found.id}, not ${layer.id}`)]),
    ...(found.name === layer.name ? [] : [named(`is called ${found.name}`)]),
    ...wrongFields(layer, found, saved.isView).map(named),
    ...wrongParts(layer, found).map(named),
    ...(sameContingent(saved, layer, living, found) ? [] : [named('contingent values')]),
    ...softOf(layer, found).map((what) => ({ ...named(what), isSoft: true as const })),
    ...otherParts(layer, found).map((what) => ({ ...named(what), equivalent: true as const })),
  ];
}

function wrongFields(saved: LayerDefinition, living: LayerDefinition, isView: boolean): string[] {
  const wrong = objectsIn(saved.json['fields']).flatMap((field) => {
    const name = String(field['name']);
    const found = fieldLike(field, living);
    if (found === undefined) return [`field ${name} is not there`];
    const keys = differingOfField(field, found, saved.json);
    return keys.length > 0 ? [`field ${name} (${keys.join(', ')})`] : [];
  });
  return [...wrong, ...(isView ? surplusFields(saved, living).map((name) => `field ${name} is shown`) : [])];
}

/** The living field of the same name, in any letter case: Enterprise makes them small. */
export function fieldLike({ name }: Fields, { json }: LayerDefinition): Fields | undefined {
  return objectsIn(json['fields']).find((each) => lower(each['name']) === lower(name));
}

/** The names of fields that a living layer shows, and the saved one does not. */
export function surplusFields(saved: LayerDefinition, living: LayerDefinition): string[] {
  return objectsIn(living.json['fields']).flatMap((field) =>
    fieldLike(field, saved) === undefined && field['visible'] !== false ? [String(field['name'])] : [],
  );
}

/** What of a field is not as it was. */
export function differingOfField(saved: Fields, living: Fields, json: Fields): string[] {
  // While tracking is on the portal alone fills it, and says so.
  const isTracked = trackedFields(json).has(lower(saved['name']));
  return ofField.filter((key) => !(isTracked && key === 'editable') && !covers(living[key], saved[key]));
}

function wrongParts({ json: saved }: LayerDefinition, { json: living }: LayerDefinition): string[] {
  const parts: string[] = decisive.filter((key) => !covers(living[key], saved[key]));
  const filters = conditions.filter((key) => textOf(living[key]) !== textOf(saved[key]));
  const relations = missingRelationships(saved, living).map(({ name }) => `relationship ${String(name)}`);
  const indexes = missingIndexes(saved, living).flatMap(({ fields, isUnique }) =>
    isUnique === true ? [`unique index of ${String(fields)}`] : [],
  );
  const edits = covers(living['editFieldsInfo'], saved['editFieldsInfo']) ? [] : ['fields that tell who edited'];
  return [...parts, ...filters, ...relations, ...indexes, ...edits];
}

function softOf({ json: saved }: LayerDefinition, { json: living }: LayerDefinition): string[] {
  const indexes = missingIndexes(saved, living).filter(({ isUnique }) => isUnique !== true);
  const parts: string[] = softParts.filter((key) => !covers(living[key], saved[key]));
  return [...parts, ...indexes.map(({ fields }) => `index of ${String(fields)}`)];
}

const textOf = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/** Relationships that the living layer lacks. */
export function missingRelationships(saved: Fields, living: Fields): Fields[] {
  const held = objectsIn(living['relationships']);
  return objectsIn(saved['relationships']).filter((each) => !held.some((other) => covers(other, each)));
}

/** Indexes that the living layer lacks. */
export function missingIndexes(saved: Fields, living: Fields): Fields[] {
  const held = new Set(objectsIn(living['indexes']).map(({ fields }) => lower(fields)));
  return definedIndexes(saved).filter(({ fields }) => !held.has(lower(fields)));
}

/** What else was defined and is said otherwise now. */
function otherParts({ json: saved }: LayerDefinition, { json: living }: LayerDefinition): string[] {
  const known = new Set<string>([...decisive, ...softParts, ...conditions]);
  return Object.entries(definedOfLayer(saved)).flatMap(([key, value]) =>
    known.has(key) || apart.has(key) || covers(living[key], value) ? [] : [key],
  );
}

/** Are the values that a layer allows together the same? */
export function sameContingent(
  saved: ServiceDefinition,
  layer: LayerDefinition,
  living: ServiceDefinition,
  found: LayerDefinition,
): boolean {
  return covers(living.contingentValues[String(found.id)], saved.contingentValues[String(layer.id)]);
}
