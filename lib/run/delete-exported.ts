import type { Portal } from '../arcgis/portal.ts';
import type { Archive } from '../archive/archive.ts';
import { closeIntent } from '../archive/intents.ts';
import type { Intent } from '../backup/export-intent.ts';
import type { Item } from '../backup/item.ts';

/** Deletes the export that an intent stands for, where the portal shows it, and closes the intent. Throws EXPORT_NOT_DELETED, AUTH_…. */
export async function deleteExported(
  { store }: Archive,
  portal: Portal,
  intent: Intent,
  item: Pick<Item, 'id' | 'owner'> | undefined,
): Promise<void> {
  // To an account that has lost its rights the portal says of all that it does not show that it does not exist.
  if (item === undefined || !(await portal.deletePermanently(item))) await portal.prove();
  await closeIntent(store, intent);
}
