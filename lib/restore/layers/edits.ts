import type { Portal } from '../../arcgis/portal.ts';
import type { Item } from '../../backup/item.ts';

/**
 * What tells whether rows of a hosted layer were edited: when each layer's rows were edited last, and how many there are. Changes of
 * the definition alone do not count, as far as the service tells them apart. Throws PORTAL_….
 */
export async function editsOf(portal: Portal, item: Item): Promise<string> {
  const { layers, tables } = await portal.dates(item);
  const counts = new Map((await portal.countRows(item)).map((each) => [each.id, each]));
  const all = [...(layers ?? []), ...(tables ?? [])].sort((a, b) => a.id - b.id);
  const edits = all.map(({ id, editingInfo }) => {
    const date = editingInfo?.dataLastEditDate ?? editingInfo?.lastEditDate ?? '';
    const { rows, lastRow } = counts.get(id) ?? {};
    return [id, date, rows ?? '', lastRow ?? ''].join(':');
  });
  return edits.join(' ');
}
