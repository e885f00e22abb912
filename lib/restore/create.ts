import type { Portal } from '../arcgis/portal.ts';
import { isUncertain } from '../arcgis/writing/writer.ts';
import type { Form } from '../arcgis/writing/writing.ts';
import type { Clock } from '../clock.ts';
import { isHosted } from '../backup/formats.ts';
import type { Item } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import { dataFor, dataPart, fileNameOf } from './aspects/data.ts';
import type { Target } from './aspects/aspect.ts';
import { largest, sendParts } from './aspects/large-file.ts';
import type { Restorer } from './deps.ts';
import { removeItemOf } from './remove.ts';
import { formOf, formValue, written } from './record.ts';
import { standIn } from './stand-in.ts';

/** What making an item needs. */
export interface Making {
  target: Omit<Target, 'id'>;
  restorer: Restorer;
  /** the account that restores */
  account: string;
  /** of this restore */
  mark: string;
  /** where the portal honours it */
  wishedId: string | undefined;
  /** it may have been made already: the journal says that it was begun */
  mayBeThere: boolean;
}

/** The keywords by which what a restore makes is found again (restore.md 0). */
export function marksFor(itemId: string, mark: string): string[] {
  return [`source-${itemId}`, `restore-${mark}`];
}

/** ms until one is looked for whose answer was lost. */
const pauses = [1000, 2000, 5000];
const mostTries = 3;

/**
 * Makes an item: private, of the account that restores, outside any folder, with its record and data, and with both marks. What a
 * lost answer may have made is looked for by them before anything is made again, and of two the younger goes. A file whose name is taken
 * there gets another one.
 * @returns its id
 */
export async function create(making: Making): Promise<string> {
  if (making.mayBeThere) {
    const found = await findMade(making);
    if (found !== undefined) return found.id;
  }
  let isOtherwise = false;
  for (let tries = 1; ; tries++) {
    try {
      return await make(making, isOtherwise);
    } catch (error) {
      const isTaken: boolean = isCode(error, 'RESTORE_NAME') && !isOtherwise;
      if (!isUncertain(error) && !isTaken) throw error;
      // A name may be taken by what this very restore has made, of which nobody has heard yet.
      const found = isTaken && tries === 1 && !making.mayBeThere ? undefined : await findLate(making);
      if (found !== undefined) return found.id;
      if (tries >= mostTries) throw error;
      isOtherwise ||= isTaken;
    }
  }
}

async function findLate(making: Making): Promise<Item | undefined> {
  for (const pause of pauses) {
    await making.target.clock.sleep(pause);
    const found = await findMade(making);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param isOtherwise its file gets another name, for its own is taken */
async function make({ target, restorer, mark, wishedId, account }: Making, isOtherwise: boolean): Promise<string> {
  const { version } = target;
  const { writing } = restorer;
  const fields = formFor(target, mark);
  const part = dataPart(version);
  const own = part && fileNameOf(version, part);
  const fileName = own !== undefined && isOtherwise ? standIn(own, mark) : own;
  if (part === undefined) return writing.addItem(fields, undefined, wishedId);
  if (fileName === undefined || part.size <= largest)
    return writing.addItem(fields, await dataFor(target, part, fileName), wishedId);
  const id = await writing.addLarge(fields, fileName, wishedId);
  const place = { id, owner: account, folderId: null };
  await sendParts(target, place, writing, part, { fileName, type: version.manifest.type });
  return id;
}

function formFor({ version, map }: Making['target'], mark: string): Form {
  const { manifest, record } = version;
  const hosted = isHosted(record as Item);
  const wanted = written.filter((field) => formValue(record, field, map, hosted) !== '' || field === 'typeKeywords');
  const kept = marksFor(version.itemId, mark);
  const form = formOf(record, wanted, map, { kept, isHosted: hosted });
  return { ...form, title: manifest.title === '' ? '_' : manifest.title, type: manifest.type };
}

/** What bears both marks among the newest of the account's own. */
export async function findMade({ target, restorer, account, mark }: Making): Promise<Item | undefined> {
  const [first, ...others] = await findMarked(restorer.portal, account, marksFor(target.version.itemId, mark));
  // The marks are this restore's alone, and what lies here is this account's own and was made after the step began.
  for (const { id } of others) await removeItemOf(restorer, target.clock, { id, forGood: true });
  return first;
}

/** Deletes what an execution that was displaced has made all the same; of what bears both marks only this one stays. */
export async function removeDoubles(
  restorer: Restorer,
  clock: Clock,
  account: string,
  { marks, id }: { marks: readonly string[]; id: string },
): Promise<void> {
  for (const found of await findMarked(restorer.portal, account, marks))
    if (found.id !== id) await removeItemOf(restorer, clock, { id: found.id, forGood: true });
}

/** The items with all these marks among the newest 100 that a member has outside any folder, the oldest first. */
export async function findMarked(portal: Portal, member: string, marks: readonly string[]): Promise<Item[]> {
  const items = await portal.newest(member);
  return items
    .filter(({ typeKeywords }) => marks.every((each) => typeKeywords.includes(each)))
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}
