import type { Archive } from '../../archive/archive.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { ServiceWriting } from '../../arcgis/writing/service-writing.ts';
import type { Place, Sharing, Writing } from '../../arcgis/writing/writing.ts';
import type { Item } from '../../backup/item.ts';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import type { IdMap } from '../references/id-map.ts';
import type { Version } from '../version.ts';
import type { AspectName, Danger, Difference, Home } from '../words.ts';

/** One item that a version is compared with, or put back into. */
export interface Target {
  archive: Archive;
  portal: Portal;
  /** what changes services */
  services: ServiceWriting;
  /** does it run ArcGIS Enterprise? */
  isEnterprise: boolean;
  clock: Clock;
  version: Version;
  /** of the item in the portal, which is another one when it was made anew */
  id: string;
  /** what the version names under another name now */
  map: IdMap;
  home: Home;
  /** while it is planned: ids of the archive that the restore makes or takes out of the recycle bin */
  coming?: ReadonlySet<string>;
  /** with whom it is to be shared; undefined = as it is */
  sharing: Sharing | undefined;
}

/** Where an item is not as the version says. */
export interface Found extends Difference {
  /** it is put back where the portal takes it, and where it does not it means little */
  isSoft?: true;
}

/** What is told of it in the end, when all was tried. */
export function told(all: readonly Found[]): Difference[] {
  return all.map(({ isSoft, ...each }) => (isSoft === true ? { ...each, equivalent: true } : each));
}

/** Something of an item that is compared and put back by itself. */
export interface Aspect {
  name: AspectName;
  danger: Danger;
  /** Where the living item is not as the version says; nothing is changed. */
  compare(target: Target, item: Item): Promise<Found[]>;
  /** Makes it so. May be called again after any failure. */
  write(target: Target, item: Item, writing: Writing): Promise<void>;
}

/** The living item. Throws RESTORE_GONE. */
export async function needItem({ portal, id }: Pick<Target, 'portal' | 'id'>): Promise<Item> {
  const item = await portal.item(id);
  if (item !== undefined) return item;
  throw new BackupError('RESTORE_GONE', `Item ${id} is not in the portal any more, or not for this account.`);
}

/** Where the item lies now. */
export function placeOf({ id, owner, ownerFolder }: Item): Place {
  return { id, owner, folderId: ownerFolder };
}

/**
 * All bytes of a body, or undefined when there are more: then it is not what it is compared with.
 * @param most bytes
 */
export async function collect(body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > most) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
