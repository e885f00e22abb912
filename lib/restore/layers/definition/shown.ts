import { numberIn, objectIn, textIn } from '../../../arcgis/connection/fields.ts';
import type { Fields } from '../../record.ts';

/** What has become of the services that views show, by the name that a recipe says. */
export type Sources = (name: string) => {
  /** the name now */
  name: string;
  /** new numbers of layers by the old ones, of those that have another one now */
  layers: ReadonlyMap<number, number>;
  /** is it known that the portal has it? */
  isThere: boolean;
  /** was it made anew, so that what a recipe calls it is past? */
  isMoved: boolean;
};

/** Sources that are what a recipe calls them. */
export const unmoved: Sources = (name) => ({ name, layers: new Map(), isThere: true, isMoved: false });

/** The layer that a layer of a view shows. */
export interface Shown {
  /** of the service */
  name: string;
  layer: number;
  isThere: boolean;
}

/** What a layer with this recipe shows; undefined where the recipe does not say, as of layers with rows of their own. */
export function shownBy(recipe: Fields | undefined, sources: Sources): Shown | undefined {
  const view = objectIn(recipe?.['viewLayerDefinition']);
  const table = objectIn(view?.['table']);
  const name = textIn(table?.['sourceServiceName']) ?? textIn(view?.['sourceServiceName']);
  const layer = numberIn(table?.['sourceLayerId']) ?? numberIn(view?.['sourceLayerId']);
  if (name === undefined || layer === undefined) return undefined;
  const now = sources(name);
  // A recipe may have a name of its own for a service.
  return { name: now.isMoved ? now.name : name, layer: now.layers.get(layer) ?? layer, isThere: now.isThere };
}

/** Is it the same layer of the same service? Names are the same in any letter case. */
export function isSameSource(one: Shown, other: Shown): boolean {
  return one.layer === other.layer && one.name.toLowerCase() === other.name.toLowerCase();
}
