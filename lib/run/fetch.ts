import type { Portal } from '../arcgis/portal.ts';
import { dataName } from '../backup/part-names.ts';
import { oneLine } from '../backup/report.ts';
import type { Item } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import { takeIn, type ItemParts, type Taken } from './intake.ts';

/** Said in `notes` of an item whose metadata is not there. */
const noMetadata = 'The portal has no metadata for this item, although its keywords say so.';

const noData = 'The portal has no data for this item.';

/** Is a note about the data, which a refresh does not read again? */
export function isAboutData(note: string): boolean {
  return note === noData || note.startsWith('A view:') || note.startsWith('Rows ');
}

/** Each of these fetches one part; a sentence for `notes` where the portal has none, undefined where none is expected. */
type Part = Promise<Taken | string | undefined>;

/** The item's metadata, where its keywords say that it has some (arcgis-rest.md 5). */
export async function takeMetadata(parts: ItemParts, portal: Portal, item: Item): Part {
  if (!item.typeKeywords.includes('Metadata')) return undefined;
  const found = await portal.download(item.id, 'metadata');
  if (found === undefined) return noMetadata;
  return takeIn(parts, 'metadata', found, () => 'metadata.xml');
}

/** The item's data: its file, or its JSON. */
export async function takeData(parts: ItemParts, portal: Portal, item: Item): Part {
  const found = await portal.download(item.id, 'data');
  if (found === undefined) {
    const isFile = item.size > 0 && /\.\w+$/.test(item.name ?? '');
    if (!isFile) return noData;
    throw new BackupError(
      'ITEM_DAMAGED',
      `The portal gives nothing for the file ${oneLine(item.name ?? '')}, which should have ${item.size} bytes.`,
    );
  }
  const isZip = item.name?.toLowerCase().endsWith('.zip') === true;
  const name = (head: Buffer, isWhole: boolean) => dataName(item, found.fileName, isJson(head, isWhole, item));
  return takeIn(parts, 'data', found, name, item.type === 'File Geodatabase' && isZip ? 'geodatabase' : undefined);
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
