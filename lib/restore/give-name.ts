import { isUncertain } from '../arcgis/writing/writer.ts';
import type { Writing } from '../arcgis/writing/writing.ts';
import type { Item } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import { needItem, placeOf, type Target } from './aspects/aspect.ts';
import { dataFor, dataPart, fileNameOf, isFile } from './aspects/data.ts';
import { largest } from './aspects/large-file.ts';
import { progressOf } from './journal/entries.ts';
import { hasStandIn } from './stand-in.ts';
import { step } from './step.ts';
import { targetOf, type UnderWay } from './under-way.ts';

/** A file that was made under another name, for its own was taken where it was made, gets that where it lies now. */
export async function nameFile(under: UnderWay, itemId: string): Promise<void> {
  const target = await targetOf(under, itemId);
  if (progressOf(under.journal.standing, itemId).started.has('data') || !isFile(target.version)) return;
  const item = await needItem(target);
  if (!hasStandIn(item)) return;
  await step(under, itemId, 'data', async () => {
    await giveName(target, item, under.restorer.writing);
    return undefined;
  });
}

/** Once; where that is taken too, or the file is large, it keeps the other one. */
async function giveName(target: Target, item: Item, writing: Writing): Promise<void> {
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
