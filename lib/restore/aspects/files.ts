import type { ItemFile } from '../../arcgis/portal.ts';
import type { Writing } from '../../arcgis/writing/writing.ts';
import type { Item, Part } from '../../backup/item.ts';
import { wantedBytes } from '../references/wanted.ts';
import { collect, placeOf, type Aspect, type Target } from './aspect.ts';

/** The picture of an item. */
export const thumbnail: Aspect = {
  name: 'thumbnail',
  danger: 2,
  compare: async (target, item) => {
    const part = partOf(target, 'thumbnail');
    const living = textOf(item['thumbnail']);
    if (part === undefined)
      return living === '' ? [] : [{ part: 'thumbnail', what: 'one, where the version has none' }];
    const isThere = living !== '' && (await isSame(target, `info/${living}`, part));
    return isThere ? [] : [{ part: 'thumbnail', what: part.path }];
  },
  write: async (target, item, writing) => {
    const part = partOf(target, 'thumbnail');
    if (part === undefined) return writing.deleteThumbnail(placeOf(item));
    const name = textOf(target.version.record['thumbnail']).split('/').at(-1);
    return sendFile(target, item, writing, 'thumbnail', part, name === undefined || name === '' ? part.path : name);
  },
};

/** The metadata of an item. */
export const metadata: Aspect = {
  name: 'metadata',
  danger: 2,
  compare: async (target) => {
    const part = partOf(target, 'metadata');
    // No call takes metadata away (restore.md 1.4); what is there stays, and is told.
    if (part === undefined)
      return (await hasMetadata(target)) ? [{ part: 'metadata', what: 'some, where the version has none' }] : [];
    return (await isSame(target, 'metadata', part)) ? [] : [{ part: 'metadata', what: part.path }];
  },
  write: async (target, item, writing) => {
    const part = partOf(target, 'metadata');
    if (part !== undefined) await sendFile(target, item, writing, 'metadata', part, 'metadata.xml');
  },
};

/** The files that programs of Esri keep about an item; `iteminfo.xml` the portal writes itself. */
export const info: Aspect = {
  name: 'info',
  danger: 2,
  compare: async (target) => {
    const differing = [];
    for (const part of infoParts(target)) if (!(await isSame(target, asInfo(part), part))) differing.push(part.path);
    return differing.map((what) => ({ part: 'info', what }) as const);
  },
  write: async (target, item, writing) => {
    for (const part of infoParts(target)) {
      if (await isSame(target, asInfo(part), part)) continue;
      const names = part.path.split('/').slice(1);
      const bytes = await wantedBytes(target, part);
      await writing.updateInfo(
        placeOf(item),
        names.slice(0, -1).join('/'),
        new File([new Uint8Array(bytes)], names.at(-1) ?? ''),
      );
    }
  },
};

async function hasMetadata({ portal, id }: Target): Promise<boolean> {
  const found = await portal.download(id, 'metadata', { name: 'metadata.xml' });
  return found !== undefined && (await collect(found.body, 0)) === undefined;
}

const asInfo = ({ path }: Part) => path as `info/${string}`;

function infoParts({ version }: Target): Part[] {
  return version.manifest.parts.filter(
    ({ role, path }) => role === 'info' && path.startsWith('info/') && path !== 'info/iteminfo.xml',
  );
}

function partOf({ version }: Target, role: Part['role']): Part | undefined {
  return version.manifest.parts.find((part) => part.role === role);
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

async function isSame(target: Target, file: ItemFile, part: Part): Promise<boolean> {
  const found = await target.portal.download(target.id, file, { name: part.path });
  const bytes = await wantedBytes(target, part);
  return found !== undefined && (await collect(found.body, bytes.length))?.equals(bytes) === true;
}

async function sendFile(
  target: Target,
  item: Item,
  writing: Writing,
  what: 'thumbnail' | 'metadata',
  part: Part,
  name: string,
): Promise<void> {
  const bytes = await wantedBytes(target, part);
  await writing.updateFile(placeOf(item), what, new File([new Uint8Array(bytes)], name));
}
