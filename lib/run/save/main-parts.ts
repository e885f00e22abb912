import type { Download } from '../../arcgis/content/download.ts';
import { otherSize } from '../../arcgis/content/file-size.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { dataName } from '../../backup/names/part-names.ts';
import { fileSize } from '../../backup/record.ts';
import { oneLine } from '../../backup/words.ts';
import { Brackets, beginsAsJson } from '../../backup/files/json-form.ts';
import { isJsonItem, isNamed, ofNothing, proofOf, toldSize } from '../../backup/files/proof.ts';
import type { Item } from '../../backup/item.ts';
import { note, type Note } from '../../backup/notes.ts';
import { BackupError, isCode } from '../../errors.ts';
import { stagePart, type ItemDeps, type Taken } from './stage-part.ts';
import { isRefresh, type Found } from '../../backup/found.ts';
import type { Fetcher } from './fetcher.ts';

/** The item's data; what was moved or shared only keeps that of the archive. */
export const fetchData: Fetcher = async ({ deps, portal, found, into }) => {
  if (isRefresh(found)) return into.keep(({ role }) => role === 'data');
  const { taken, note: none } = await into.unfinished.once('data', deps.room, async () => {
    const data = await takeData(deps, portal, found);
    return 'code' in data ? { note: data } : { taken: data };
  });
  into.add(taken ?? none ?? noData);
};

const noData = note('NO_DATA', 'The portal has no data for this item.');

/** A part, or a note where the portal has none. */
type Part = Promise<Taken | Note>;

/**
 * The item's data: its file, or its JSON. Of a file the record tells the size; a file that was replaced since the record was
 * listed has another one. Throws ITEM_DAMAGED when it has none of them.
 */
export async function takeData(deps: ItemDeps, portal: Portal, { item, saved }: Found): Part {
  const had = saved?.parts.some(({ role, size }) => role === 'data' && size > 0) === true;
  try {
    return await takeTwice(deps, portal, item, had);
  } catch (error) {
    if (!isCode(error, 'ITEM_DAMAGED', 'ITEM_TRUNCATED') || toldSize(item) === undefined) throw error;
    const now = await portal.item(item.id);
    if (now === undefined || now.size <= 0) throw error;
    // What broke off was asked for often enough.
    if (now.size === item.size && error.code === 'ITEM_TRUNCATED') throw error;
    return await takeTwice(deps, portal, now, had);
  }
}

/** How often the portal is asked for data of which nothing but a second answer proves that it is all. */
const mostReads = 4;
/** ms before it is asked again for what does not look like a whole file: trouble on the way passes, and what a member uploaded stays. */
const pause = 5000;

/** The item's data, as often as it must come until it is proven. */
async function takeTwice(deps: ItemDeps, portal: Portal, item: Item, had: boolean): Part {
  const { left } = deps.room;
  let before: string | undefined;
  for (let reads = 1; reads <= mostReads; reads++) {
    deps.room.left = left;
    const { taken, isSure } = await readData(deps, portal, item, had);
    const hash = taken?.part.sha256 ?? 'none';
    if (isSure || hash === before) return taken ?? noData;
    before = hash;
    if (taken === undefined ? had : taken.isWhole !== true) await deps.clock.sleep(pause);
  }
  throw new BackupError(
    'ITEM_DAMAGED',
    `The portal gives other bytes for ${fileOf(item)} each time it is asked, and nothing says which are right.`,
  );
}

function fileOf({ name }: Item): string {
  return `the file ${oneLine(name ?? 'data.json')}`;
}

/** The item's data as one answer has it; none where the portal has none. Throws ITEM_DAMAGED when it cannot be all. */
async function readData(
  deps: ItemDeps,
  portal: Portal,
  item: Item,
  had: boolean,
): Promise<{ taken?: Taken; isSure: boolean }> {
  const isJson = isJsonItem(item);
  const isHeld = fileSize(item) !== undefined;
  const expected = { size: toldSize(item), isHeld, name: item.name ?? undefined, isJson };
  const found = await portal.download(item.id, 'data', expected);
  const isEmpty = found === undefined || found.size === 0;
  const nothing = isEmpty ? ofNothing(item, { had, isSilent: found !== undefined }) : undefined;
  if (nothing === 'wrong')
    throw new BackupError('ITEM_DAMAGED', `The portal gives nothing for ${fileOf(item)}, which should have bytes.`);
  // An empty file comes under its name; without one there is no file.
  if (found === undefined || (isEmpty && (found.fileName === undefined || !isNamed(item))))
    return { isSure: nothing !== 'again' };
  const taken = await stageData(deps, item, found);
  if (nothing !== undefined) return { taken, isSure: nothing === 'none' };
  const proof = proofOf(item, taken.part.size, { isWhole: taken.isWhole === true });
  if (proof === 'wrong') throw otherSize(taken.part.path, taken.part.size, item.size);
  return { taken, isSure: proof === 'proven' };
}

async function stageData(deps: ItemDeps, item: Item, found: Download): Promise<Taken> {
  const isZip = item.name?.toLowerCase().endsWith('.zip') === true;
  const name = (head: Buffer) => dataName(item, found.fileName, beginsAsJson(head));
  const isJson = isJsonItem(item) && !/\.\w+$/.test(found.fileName ?? '');
  const demand = isJson ? 'json' : item.type === 'File Geodatabase' && isZip ? 'geodatabase' : undefined;
  const brackets = new Brackets();
  const body = { ...found, body: isJson ? brackets.pass(found.body) : found.body, listed: fileSize(item) };
  const taken = await stagePart(deps, 'data', body, name, demand);
  // A large file is never in memory to be read as JSON.
  const closes = taken.part.lfs && taken.part.path === 'data.json' && brackets.areClosed;
  return { ...taken, isWhole: taken.isWhole === true || closes };
}
