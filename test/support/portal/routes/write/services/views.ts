import type { Answer } from '../../../answers.ts';
import type { Ask } from '../../../ask.ts';
import { define } from '../../../table.ts';
import type { Field, Layer } from '../../../words.ts';
import { adminWord } from '../../services.ts';
import { invalid } from '../door.ts';
import { allOf, type Open } from './door.ts';

/** Layers of views: they show the rows of a layer elsewhere, and have none (restore.md 3.2). */

interface Recipe {
  viewLayerDefinition?: {
    sourceServiceName?: string;
    sourceLayerId?: number;
    sourceLayerFields?: string;
    table?: { sourceServiceName?: string; sourceLayerId?: number; sourceLayerFields?: { name: string }[] };
  };
}

/** The layer as its recipe makes it of its source; else what is wrong with the recipe. */
export function viewLayer(ask: Ask, { service }: Open, layer: Layer, said: unknown): Layer | Answer {
  const recipe = (said as Recipe | undefined)?.viewLayerDefinition;
  const table = recipe?.table ?? recipe;
  const source = ask.state.org.services.get(table?.sourceServiceName ?? '');
  const item = source && ask.state.org.items.get(source.itemId);
  if (!source || !item || item.recycled) return invalid('Invalid view definition: the source service was not found.');
  const from = allOf(source).find(({ id }) => id === table?.sourceLayerId);
  if (!from) return invalid('Invalid view definition: the source layer was not found.');
  const isMulti = service.definition?.['isMultiServicesView'] === true;
  if (service.viewOf !== null && service.viewOf !== source.itemId && !isMulti)
    return invalid('View layers can reference only one source service.');
  service.viewOf ??= source.itemId;
  const definition = define(from);
  const names = namesIn(table?.sourceLayerFields);
  const fields = definition.fields.filter(
    ({ name, type }) => names === undefined || type === 'esriFieldTypeOID' || names.has(name.toLowerCase()),
  );
  const { fields: _, ...own } = layer.definition ?? { fields: [] as Field[] };
  const { relationships: __, ...shown } = definition;
  const made = {
    ...structuredClone(shown),
    ...own,
    fields: structuredClone(fields),
    [adminWord]: structuredClone(said),
  };
  // The same rows, not their copy: what is edited here is edited there.
  return { ...layer, definition: made, rows: from.rows, source: { itemId: source.itemId, layerId: from.id } };
}

function namesIn(fields: string | { name: string }[] | undefined): Set<string> | undefined {
  if (fields === undefined || fields === '*') return undefined;
  const names = typeof fields === 'string' ? fields.split(',') : fields.map(({ name }) => name);
  return names.length === 0 ? undefined : new Set(names.map((name) => name.trim().toLowerCase()));
}
