import { numberIn, objectIn, textIn } from '../../../arcgis/connection/fields.ts';
import type { Fields } from '../../record.ts';

/** A layer or table as the definition of its service describes it. */
export interface LayerDefinition {
  id: number;
  name: string;
  isTable: boolean;
  /** the portal's JSON */
  json: Fields;
  /** of a layer of a view: its adminLayerInfo, which says how it is made of its source */
  recipe: Fields | undefined;
}

/** A service as layers.json describes it, or as the portal does now. */
export interface ServiceDefinition {
  /** the portal's JSON of the service itself */
  service: Fields;
  /** layers, then tables, as the service lists them */
  layers: readonly LayerDefinition[];
  isView: boolean;
  /** of a view: the services it shows */
  sources: readonly { name: string; itemId: string }[];
  /** by layer id */
  contingentValues: Fields;
}

/** What a definition says, as `Definition` in lib/arcgis/layers/definition.ts has it; undefined when it is none. */
export function definitionIn(value: unknown): ServiceDefinition | undefined {
  const all = objectIn(value);
  const [service, list] = [objectIn(all?.['service']), objectIn(all?.['layers'])];
  if (all === undefined || service === undefined || list === undefined) return undefined;
  const recipes = recipesIn(all);
  const some = (name: 'layers' | 'tables') =>
    objectsIn(list[name]).flatMap((json): LayerDefinition[] => {
      const id = numberIn(json['id']);
      const isTable = name === 'tables';
      return id === undefined ? [] : [{ id, name: textIn(json['name']) ?? '', isTable, json, recipe: recipes.get(id) }];
    });
  const layers = [...some('layers'), ...some('tables')];
  const sources = objectsIn(objectIn(all['sources'])?.['services']).flatMap((each) => {
    const [name, itemId] = [textIn(each['name']), textIn(each['serviceItemId'])];
    return itemId === undefined ? [] : [{ name: name ?? '', itemId }];
  });
  const isView = service['isView'] === true || sources.length > 0 || layers.some(({ recipe }) => isOfView(recipe));
  return { service, layers, isView, sources, contingentValues: objectIn(all['contingentValues']) ?? {} };
}

/** Does it say how a layer of a view is made? Layers with rows of their own have an adminLayerInfo as well. */
export function isOfView(recipe: Fields | undefined): boolean {
  return objectIn(recipe?.['viewLayerDefinition']) !== undefined;
}

/** Each adminLayerInfo by its layer, from the definition for administrators or from that of the layer alone. */
function recipesIn(all: Fields): Map<number, Fields> {
  const admin = objectIn(all['admin']) ?? {};
  const apart = Object.entries(objectIn(all['adminLayers']) ?? {}).map(([id, json]) => ({ ...objectIn(json), id }));
  const recipes = new Map<number, Fields>();
  for (const json of [...objectsIn(admin['layers']), ...objectsIn(admin['tables']), ...apart] as Fields[]) {
    const [id, recipe] = [numberIn(json['id']), objectIn(json['adminLayerInfo'])];
    if (id !== undefined && recipe !== undefined) recipes.set(id, recipe);
  }
  return recipes;
}

/** The objects of a list; nothing else. */
export function objectsIn(value: unknown): Fields[] {
  if (!Array.isArray(value)) return [];
  return value.map((each) => objectIn(each)).filter((each) => each !== undefined);
}
