import type { Portal } from '../../arcgis/portal.ts';
import { dataName } from '../../backup/names/part-names.ts';
import { fileSize } from '../../backup/record.ts';
import { oneLine } from '../../backup/report.ts';
import { typeInfo } from '../../backup/types.ts';
import type { Item } from '../../backup/item.ts';
import { note, type Note } from '../../backup/notes.ts';
import { BackupError, isCode } from '../../errors.ts';
import { stagePart, type ItemDeps, type Taken } from './stage-part.ts';
import type { Found } from '../../backup/found.ts';

const noData = note('NO_DATA', 'The portal has no data for this item.');

/** A part, or a note where the portal has none. */
type Part = Promise<Taken | Note>;

/**
 * The item's data: its file, or its JSON. Of a file the record tells the size; a file that was replaced since the record was
 * listed has another one. Throws ITEM_DAMAGED when it has none of them.
 */
export async function takeData(deps: ItemDeps, portal: Portal, { item, saved }: Found): Part {
  const had = saved?.parts.some(({ role }) => role === 'data') === true;
  try {
    return await takeSized(deps, portal, item, had);
  } catch (error) {
    if (!isCode(error, 'ITEM_DAMAGED', 'ITEM_TRUNCATED') || fileSize(item) === undefined) throw error;
    const now = await portal.item(item.id);
    if (now === undefined || now.size <= 0 || now.size === item.size) throw error;
    return takeSized(deps, portal, now, had);
  }
}

async function takeSized(deps: ItemDeps, portal: Portal, item: Item, had: boolean): Part {
  const listed = fileSize(item);
  // Of JSON the record's size may be anything; where it is that of the answer, the answer is no error.
  const size = item.size > 0 ? item.size : undefined;
  const expected = { size, isHeld: listed !== undefined, name: item.name ?? undefined };
  const found = await portal.download(item.id, 'data', expected);
  if (found === undefined || found.size === 0) {
    if (!shouldBeThere(item, had && found !== undefined)) return noData;
    throw new BackupError(
      'ITEM_DAMAGED',
      `The portal gives nothing for the file ${oneLine(item.name ?? 'data.json')}, which should have ${item.size} bytes.`,
    );
  }
  const isZip = item.name?.toLowerCase().endsWith('.zip') === true;
  const name = (head: Buffer, isWhole: boolean) => dataName(item, found.fileName, isJson(head, isWhole, item));
  const demand = item.type === 'File Geodatabase' && isZip ? 'geodatabase' : undefined;
  return stagePart(deps, 'data', { ...found, listed }, name, demand);
}

/** A file with a size must come. JSON may be without; but where there was some, no answer at all is not the portal's word that it went. */
function shouldBeThere(item: Item, isSilent: boolean): boolean {
  if (item.size <= 0) return false;
  return /\.\w+$/.test(item.name ?? '') || (isSilent && typeInfo(item.type).content === 'json');
}

// A file that has a name of its own is whatever it is; JSON without a name must be whole JSON.
function isJson(head: Buffer, isWhole: boolean, item: Item): boolean {
  const first = head
    .subarray(0, 64)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()[0];
  if (first !== '{' && first !== '[') return false;
  if (!isWhole) return true;
  try {
    JSON.parse(head.toString('utf8').replace(/^\ufeff/, ''));
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (item.name !== null && /\.\w+$/.test(item.name)) return false;
    throw new BackupError('ITEM_DAMAGED', 'The data of the item begins as JSON but is not whole.');
  }
}
