import { respelled } from './respelled.ts';
import type { LayerDefinition, ServiceDefinition } from './service-definition.ts';

/** A layer as it was saved, in the living one's spelling of its fields, and as it is. */
export interface Pair {
  saved: LayerDefinition;
  living: LayerDefinition;
}

/** Each saved layer with the living one that it is: of its number and name, else of its name, else of its number. */
export function pairsOf(
  saved: ServiceDefinition,
  living: ServiceDefinition,
): { pairs: Pair[]; missing: LayerDefinition[] } {
  const free = new Set(living.layers);
  const found = new Map<LayerDefinition, LayerDefinition>();
  const isSame = [
    (a: LayerDefinition, b: LayerDefinition) => a.id === b.id && a.name === b.name,
    (a: LayerDefinition, b: LayerDefinition) => a.name === b.name,
    (a: LayerDefinition, b: LayerDefinition) => a.id === b.id,
  ];
  for (const same of isSame)
    for (const layer of saved.layers) {
      if (found.has(layer)) continue;
      const like = [...free].find((each) => each.isTable === layer.isTable && same(each, layer));
      if (like === undefined) continue;
      free.delete(like);
      found.set(layer, like);
    }
  return {
    pairs: saved.layers.flatMap((layer): Pair[] => {
      const like = found.get(layer);
      return like === undefined ? [] : [{ saved: respelled(layer, like), living: like }];
    }),
    missing: saved.layers.filter((layer) => !found.has(layer)),
  };
}
