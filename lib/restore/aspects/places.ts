import type { Writing } from '../../arcgis/writing/writing.ts';
import type { Item } from '../../backup/item.ts';
import { folderIn } from '../folders/folder.ts';
import { noFolder } from '../words.ts';
import { isSameSharing, readSharing } from '../sharing.ts';
import { placeOf, type Aspect, type Target } from './aspect.ts';

/** Owner and folder. A folder is found again by its id, else by its title, else it is made. */
export const folder: Aspect = {
  name: 'folder',
  danger: 2,
  compare: async (target, item) => {
    const { home } = target;
    if (item.owner.toLowerCase() !== home.owner.toLowerCase())
      return [{ part: 'folder', what: `owner ${item.owner} in place of ${home.owner}` }];
    const folders = await foldersOf(target);
    return isIn(item, target, folders) ? [] : [{ part: 'folder', what: `not in ${titleOf(target)}` }];
  },
  write: async (target, item, writing) => {
    const { owner, folder: title } = target.home;
    if (item.owner.toLowerCase() !== owner.toLowerCase())
      return writing.reassign(placeOf(item), { owner, folder: title === noFolder ? '/' : await titleNow(target) });
    const known = await findFolder(target, writing);
    return writing.move(placeOf(item), known);
  },
};

const titleOf = ({ home }: Target) => (home.folder === noFolder ? 'no folder' : `the folder ${home.folder}`);

type Folders = readonly { id: string; title: string }[];

async function foldersOf({ portal, home }: Target): Promise<Folders> {
  return home.folder === noFolder ? [] : portal.folders(home.owner);
}

/** Its title, which may be another one by now. */
async function titleNow(target: Target): Promise<string> {
  return folderIn(target.home, await foldersOf(target))?.title ?? target.home.folder;
}

function isIn(item: Item, target: Target, folders: Folders): boolean {
  if (target.home.folder === noFolder) return item.ownerFolder === null;
  const wanted = folderIn(target.home, folders);
  return wanted !== undefined && item.ownerFolder === wanted.id;
}

async function findFolder(target: Target, writing: Writing): Promise<string | null> {
  const { owner, folder: title } = target.home;
  if (title === noFolder) return null;
  const known = folderIn(target.home, await foldersOf(target));
  return known?.id ?? (await writing.createFolder(owner, title)).id;
}

/** With whom the item is shared. One call states the level and adds groups, another one takes groups away (restore.md 1.6). */
export const sharing: Aspect = {
  name: 'sharing',
  danger: 2,
  compare: async ({ portal, sharing: wanted }, item) => {
    if (wanted === undefined) return [];
    const now = readSharing(await portal.sharing(item));
    if (now === undefined) return [{ part: 'sharing', what: 'the portal does not tell it' }];
    return isSameSharing(now, wanted) ? [] : [{ part: 'sharing', what: `${now.access} in place of ${wanted.access}` }];
  },
  write: async ({ portal, sharing: wanted }, item, writing) => {
    if (wanted === undefined) return;
    const now = readSharing(await portal.sharing(item));
    const surplus = now?.groups.filter((group) => !wanted.groups.includes(group)) ?? [];
    if (surplus.length > 0) await writing.unshare(placeOf(item), surplus);
    await writing.share(placeOf(item), wanted);
  },
};

/** Whether the item is kept from being deleted. */
export const protection: Aspect = {
  name: 'protection',
  danger: 2,
  compare: ({ version }, item) => {
    const wanted = version.record['protected'] === true;
    const now = item['protected'] === true;
    const what = now ? 'protected' : 'not protected';
    return Promise.resolve(now === wanted ? [] : [{ part: 'protection', what }]);
  },
  write: ({ version }, item, writing) => writing.protect(placeOf(item), version.record['protected'] === true),
};

/** What the organization thinks of the item: authoritative, deprecated. Of a version that does not say it, nothing is done. */
export const status: Aspect = {
  name: 'status',
  danger: 2,
  compare: ({ version }, item) => {
    if (!('contentStatus' in version.record)) return Promise.resolve([]);
    const [now, then] = [statusOf(item), statusOf(version.record)];
    return Promise.resolve(
      now === then ? [] : [{ part: 'status', what: `${now || 'none'} in place of ${then || 'none'}` }],
    );
  },
  write: ({ version }, item, writing) => writing.setStatus(placeOf(item), statusOf(version.record)),
};

function statusOf({ contentStatus }: Readonly<Record<string, unknown>>): string {
  return typeof contentStatus === 'string' ? contentStatus : '';
}
