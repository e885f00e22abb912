import type { LayerRows } from '../../arcgis/layers/features.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { Item, SavedLayer } from '../../backup/item.ts';
import type { Note } from '../../backup/notes.ts';
import { isCode } from '../../errors.ts';
import { stagePart, type ItemDeps, type Taken } from './stage-part.ts';

/** How often a layer is read whose rows come and go meanwhile. */
const mostTries = 3;

/** A hosted service read row by row: a document for each layer and table, the attachments, and how much it was. */
export async function takeFeatures(
  deps: ItemDeps,
  portal: Portal,
  item: Item,
): Promise<{ taken: Taken[]; layers: SavedLayer[]; notes: Note[] }> {
  const taken: Taken[] = [];
  const layers: SavedLayer[] = [];
  const notes: Note[] = [];
  for (const layer of await portal.features(item)) {
    taken.push(...(await takeLayer(deps, layer)));
    layers.push(layer.count());
    notes.push(...layer.notes());
  }
  return { taken, layers, notes };
}

/** What moves while it is read is read again; where a server refuses GeoJSON, or fails over it, Esri's own JSON is tried. */
async function takeLayer(deps: ItemDeps, layer: LayerRows): Promise<Taken[]> {
  const { left } = deps.room;
  let { form, otherForm } = layer;
  for (let tries = 1; ; tries++) {
    deps.room.left = left;
    try {
      const taken: Taken[] = [];
      for await (const file of layer.files(form)) {
        if ('error' in file) throw file.error;
        taken.push(await stagePart(deps, 'export', await file.open(), () => file.path));
      }
      return taken;
    } catch (error) {
      const hasMoved = isCode(error, 'LISTING_INCOMPLETE', 'ITEM_TRUNCATED') && tries < mostTries;
      const isRefused = isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_REFUSED');
      if (hasMoved) continue;
      if (!isRefused || otherForm === undefined) throw error;
      form = otherForm;
      otherForm = undefined;
    }
  }
}
