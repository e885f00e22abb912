import { objectIn } from '../../../arcgis/connection/fields.ts';
import type { Fields } from '../../record.ts';
import {
  conditions,
  decisive,
  differingOfField,
  fieldLike,
  missingIndexes,
  missingRelationships,
  sameContingent,
  softParts,
  surplusFields,
} from './compare.ts';
import { covers } from './covers.ts';
import { additions } from './layer-body.ts';
import { pairsOf, type Pair } from './pairs.ts';
import { objectsIn, type LayerDefinition, type ServiceDefinition } from './service-definition.ts';
import { isSameSource, shownBy, unmoved, type Sources } from './shown.ts';

/** A call that changes a definition. */
export interface DefinitionCall {
  /** null: of the service itself */
  layerId: number | null;
  verb: 'addToDefinition' | 'updateDefinition' | 'deleteFromDefinition';
  body: Fields;
}

/** What making one service like another needs to know. */
export interface Likening {
  saved: ServiceDefinition;
  living: ServiceDefinition;
  isEnterprise: boolean;
  sources: Sources;
}

/** Kept for the end, when rows are in it: it is computed from them (restore.md 2.2). */
const optimisation = 'multiScaleGeometryInfo';

/**
 * The next calls that make a living service like the saved one, those of one kind; none when no call makes it more alike. Whoever
 * sends them looks again and asks again: first layers, then what belongs to one, then what joins them (restore.md 3.2). Nothing is taken
 * away but fields from the sight of a view, and the layers of one that shows another source.
 * @param isGivenUp calls that did nothing
 */
export function nextCalls(likening: Likening, isGivenUp: (call: DefinitionCall) => boolean): DefinitionCall[] {
  const { saved, living, isEnterprise, sources } = likening;
  const { pairs, missing } = pairsOf(saved, living);
  const added = additions(saved, missing, isEnterprise, sources).map((body): DefinitionCall => ({
    layerId: null,
    verb: 'addToDefinition',
    body,
  }));
  const groups = saved.isView ? [swap, updates] : [fields, subtypes, relationships, contingentValues, updates];
  for (const group of [() => added, ...groups]) {
    const calls = group(likening, pairs).filter((call) => !isGivenUp(call));
    if (calls.length > 0) return calls;
  }
  return [];
}

type Pairs = readonly Pair[];

/**
 * A view that shows other layers than it did loses all its own, which come next in the same numbers: it keeps its id and address, and
 * no layer may show another source than the first one does (restore.md 2.1).
 */
function swap({ living, sources }: Likening, pairs: Pairs): DefinitionCall[] {
  const isOther = ({ saved, living: found }: Pair) => {
    const [wanted, shown] = [shownBy(saved.recipe, sources), shownBy(found.recipe, unmoved)];
    return wanted?.isThere === true && shown !== undefined && !isSameSource(wanted, shown);
  };
  if (!pairs.some(isOther)) return [];
  const of = (isTable: boolean) => living.layers.flatMap((each) => (each.isTable === isTable ? [{ id: each.id }] : []));
  return [{ layerId: null, verb: 'deleteFromDefinition', body: { layers: of(false), tables: of(true) } }];
}

function fields(_: Likening, pairs: Pairs): DefinitionCall[] {
  return pairs.flatMap(({ saved, living }) => {
    const missing = objectsIn(saved.json['fields']).filter((field) => fieldLike(field, living) === undefined);
    const indexes = missingIndexes(saved.json, living.json);
    return [
      ...(missing.length > 0 ? [add(living, { fields: missing })] : []),
      ...(indexes.length > 0 ? [add(living, { indexes })] : []),
    ];
  });
}

/** In this order, each by itself (restore.md 3.2). */
function subtypes(_: Likening, pairs: Pairs): DefinitionCall[] {
  return pairs.flatMap(({ saved: { json }, living }) => {
    const { subtypeField, defaultSubtypeCode, subtypes: all } = json;
    if (typeof subtypeField !== 'string' || subtypeField === '') return [];
    const differs = (key: string) => !covers(living.json[key], json[key]);
    return [
      ...(differs('subtypeField') ? [update(living, { subtypeField })] : []),
      ...(differs('defaultSubtypeCode') ? [update(living, { defaultSubtypeCode })] : []),
      ...(differs('subtypes') ? [add(living, { subtypes: all })] : []),
    ];
  });
}

/** All in one call, in the order of the layers: else their numbers are given anew (restore.md 3.2). */
function relationships(_: Likening, pairs: Pairs): DefinitionCall[] {
  const of = (isTable: boolean) =>
    pairs.flatMap(({ saved, living }) => {
      const missing = missingRelationships(saved.json, living.json);
      if (saved.isTable !== isTable || missing.length === 0) return [];
      return [{ id: living.id, name: living.name, relationships: missing }];
    });
  const body = { layers: of(false), tables: of(true) };
  const isNothing = body.layers.length + body.tables.length === 0;
  return isNothing ? [] : [{ layerId: null, verb: 'addToDefinition', body }];
}

function contingentValues({ saved, living }: Likening, pairs: Pairs): DefinitionCall[] {
  return pairs.flatMap(({ saved: layer, living: found }) =>
    sameContingent(saved, layer, living, found)
      ? []
      : [add(found, contingentBody(objectIn(saved.contingentValues[String(layer.id)]) ?? {}))],
  );
}

/** What the portal tells, as it takes it: the texts stand inside, and what it knows of the layer is left out. */
function contingentBody(answer: Fields): Fields {
  const definition = objectIn(answer['contingentValuesDefinition']);
  if (definition === undefined) return { contingentValues: answer };
  const { layerID: _id, layerName: _name, geometryType: _shape, hasSubType: _has, ...rest } = definition;
  const { stringDicts } = answer;
  return { contingentValuesDefinition: { ...rest, ...(stringDicts !== undefined && { stringDicts }) } };
}

function updates({ saved: { isView } }: Likening, pairs: Pairs): DefinitionCall[] {
  return pairs.flatMap(({ saved, living }) => {
    const body = { ...changedParts(saved, living, isView), ...changedFields(saved, living, isView) };
    return Object.keys(body).length > 0 ? [update(living, body)] : [];
  });
}

/** What only making it anew could change. */
const fixed = ['geometryType', 'hasZ', 'hasM', 'subtypeField', 'defaultSubtypeCode', 'subtypes'];

function changedParts({ json: saved, name, id }: LayerDefinition, living: LayerDefinition, isView: boolean): Fields {
  const parts = [...decisive, ...softParts].filter(
    (key) => !fixed.includes(key) && !covers(living.json[key], saved[key]),
  );
  const filters = conditions.filter((key) => (key === 'viewDefinitionQuery') === isView && isOther(key));
  function isOther(key: string) {
    return (living.json[key] ?? '') !== (saved[key] ?? '');
  }
  return Object.fromEntries([
    ...parts.map((key) => [key, saved[key]]),
    ...filters.map((key) => [key, saved[key] ?? '']),
    ...(living.name !== name && living.id === id ? [['name', name]] : []),
  ]) as Fields;
}

/** Type and length of a field stay what they are (restore.md 2.1). */
const mendable = ['alias', 'domain', 'defaultValue', 'editable', 'nullable', 'description'];

function changedFields(saved: LayerDefinition, living: LayerDefinition, isView: boolean): Fields {
  const changed = objectsIn(saved.json['fields']).flatMap((field) => {
    const found = fieldLike(field, living);
    if (found === undefined) return isView ? [{ name: field['name'], visible: true }] : [];
    const keys = differingOfField(field, found, saved.json).filter((key) => mendable.includes(key));
    return keys.length > 0
      ? [{ name: found['name'], ...Object.fromEntries(keys.map((key) => [key, field[key]])) }]
      : [];
  });
  const hidden = isView ? surplusFields(saved, living).map((name) => ({ name, visible: false })) : [];
  const all = [...changed, ...hidden];
  return all.length > 0 ? { fields: all } : {};
}

/** What is switched on when the rows are in: shapes that are drawn faster. */
export function optimisations(saved: ServiceDefinition, living: ServiceDefinition): DefinitionCall[] {
  return pairsOf(saved, living).pairs.flatMap(({ saved: { json }, living: found }) => {
    const value = json[optimisation];
    return covers(found.json[optimisation], value) ? [] : [update(found, { [optimisation]: value })];
  });
}

const add = ({ id }: LayerDefinition, body: Fields): DefinitionCall => ({
  layerId: id,
  verb: 'addToDefinition',
  body,
});

const update = ({ id }: LayerDefinition, body: Fields): DefinitionCall => ({
  layerId: id,
  verb: 'updateDefinition',
  body,
});
