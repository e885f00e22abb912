import { isUncertain } from '../arcgis/writing/writer.ts';
import type { Writing } from '../arcgis/writing/writing.ts';
import type { Item } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import { placeOf, type Target } from './aspects/aspect.ts';
import { dataFor, dataPart, fileNameOf } from './aspects/data.ts';
import { largest } from './aspects/large-file.ts';
import { hasStandIn } from './stand-in.ts';

/** Gives a file its own name where it lies in the end, once; where that is taken too, or the file is large, it keeps the other one. */
export async function giveName(target: Target, item: Item, writing: Writing): Promise<void> {
  const part = dataPart(target.version);
  if (!hasStandIn(item) || part === undefined || part.size > largest) return;
  if (fileNameOf(target.version, part) === undefined) return;
  try {
    await writing.updateData(placeOf(item), await dataFor(target, part));
  } catch (error) {
    // Whether it took effect shows when the item is compared.
    if (!isCode(error, 'RESTORE_NAME') && !isUncertain(error)) throw error;
  }
}
