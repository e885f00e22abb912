import type { Portal } from '../../arcgis/portal.ts';
import type { Resource } from '../../arcgis/content/resources.ts';
import { canonicalJson } from '../../backup/json.ts';
import { nestedPaths, thumbnailName } from '../../backup/names/part-names.ts';
import { lacksKeywords } from '../../backup/record.ts';
import { oneLine } from '../../backup/words.ts';
import type { Part, Role } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import type { Fetcher, Fetching } from './fetcher.ts';
import { readBefore } from './descriptions.ts';
import { small, stagePart, thresholdOf, type ItemDeps } from './stage-part.ts';

/** Files that Survey123 keeps about its forms, and how a hosted layer was published (arcgis-rest.md 5). */
const infoFiles = new Map([
  ['Form', ['form.json', 'form.webform', 'forminfo.json']],
  ['Feature Service', ['publishParameters.json']],
]);

/** A side part that is a file of the portal. */
interface SideFile {
  role: Role;
  /** as the portal calls it */
  file: `info/${string}` | 'metadata';
  path: string;
}

/** The fetchers of what lies around an item's data, which a rebuild needs besides (arcgis-rest.md 5). */

/** The thumbnail that the record names. */
export const fetchThumbnail: Fetcher = async (fetching) => {
  const { thumbnail } = fetching.found.item;
  if (typeof thumbnail !== 'string' || thumbnail === '') return;
  const path = thumbnailName(thumbnail);
  const end = await takeFile(fetching, { role: 'thumbnail', file: `info/${thumbnail}`, path });
  if (end === 'none')
    fetching.into.note('NOT_THERE', 'The portal does not have the thumbnail that the record names.', path);
};

/** The files that programs of Esri keep about an item of this type. */
export const fetchInfoFiles: Fetcher = async (fetching) => {
  for (const name of ['iteminfo.xml', ...(infoFiles.get(fetching.found.item.type) ?? [])])
    await takeFile(fetching, { role: 'info', file: `info/${name}`, path: `info/${name}` });
};

/** The metadata, where the item's keywords say that it has some, or say nothing. */
export const fetchMetadata: Fetcher = async (fetching) => {
  const { item } = fetching.found;
  const mayHave = lacksKeywords(item);
  if (!mayHave && !item.typeKeywords.includes('Metadata')) return;
  const path = 'metadata.xml';
  const end = await takeFile(fetching, { role: 'metadata', file: 'metadata', path });
  if (end === 'none' && !mayHave)
    fetching.into.note('NOT_THERE', 'The portal has no metadata for this item, although its keywords say so.', path);
};

/** A file about the item. Its role may have another name now: a thumbnail that was a .png and is a .jpg. */
function takeFile({ deps, portal, found: { item }, into }: Fetching, { role, file, path }: SideFile) {
  const isSame = (part: Part) => part.role === role && (role === 'thumbnail' || part.path === path);
  const read = async () => {
    const body = await portal.download(item.id, file, { name: file === 'metadata' ? path : file });
    if (body?.size !== 0) return body && stagePart(deps, role, body, () => path);
    if (into.saved(isSame).every(({ size }) => size === 0)) return undefined;
    throw new BackupError('ITEM_DAMAGED', `The portal gives nothing for ${path}, which had bytes before.`);
  };
  return into.take(path, read, isSame);
}

/** With whom the item is shared. */
export const fetchSharing: Fetcher = async (fetching) => {
  const { portal, found, into } = fetching;
  const { item } = found;
  const path = 'sharing.json';
  const end = await into.take(path, async () => {
    const sharing = await portal.sharing(item);
    if (sharing === undefined) return undefined;
    const { access, lacking } = sharing;
    const groups = lacking ? await withGroupsBefore(fetching, path, sharing.groups, lacking) : sharing.groups;
    return small('info', path, Buffer.from(canonicalJson({ access, groups })));
  });
  if (end !== 'none') return;
  into.note('NOT_TOLD', 'The portal tells only the owner which groups this item is shared with.', path);
  into.keep((part) => part.path === path);
};

/** Of a list that is lacking, what the archive has and it has not stays. Throws what lacks, where that cannot be read. */
async function withGroupsBefore({ deps, found, into }: Fetching, path: string, groups: string[], lacking: BackupError) {
  const before = await readBefore<{ groups?: unknown }>(deps, found, path);
  if (before === 'unreadable') throw lacking;
  into.lack(path, lacking);
  const others = Array.isArray(before?.groups) ? before.groups.filter((each) => typeof each === 'string') : [];
  return [...new Set([...groups, ...others])].sort();
}

/**
 * The files beside the item. What was moved or shared only keeps those of the same name and size; on the day of the
 * recheck, and when the item itself changed, all are read again. Without their list all stay; where the list is lacking, those
 * that it has not.
 */
export const fetchResources: Fetcher = async ({ deps, portal, found, into }) => {
  const { item, step, due } = found;
  const isResource = ({ role }: Part) => role === 'resource';
  const had = into.saved(isResource).length > 0;
  const list = await into.ask('resources', () => portal.resources(item.id), { had });
  // An empty list is a list: without any, nothing says that what is there has gone.
  if (list === 'none' && had)
    into.note('NOT_TOLD', 'The portal has no list of resources of this item; those that were saved stay.', 'resources');
  if (typeof list === 'string') return into.keep(isResource);
  const { list: resources, lacking } = list.value;
  const paths = nestedPaths(
    'resources',
    resources.map(({ name }) => name),
  );
  if (lacking) {
    const listed = new Set(paths.values());
    into.lack('resources', lacking);
    into.keep((part) => isResource(part) && !listed.has(part.path));
  }
  const isSure = step === 'refresh' && !due && !into.wasGap('resources');
  for (const resource of resources) {
    const { name, size } = resource;
    const path = paths.get(name) ?? '';
    const own = path === `resources/${name}` ? undefined : name;
    const isSame = (part: Part) => isResource(part) && part.path === path && part.name === own;
    const isUnchanged = (part: Part) => part.size === size && part.lfs === size > thresholdOf(deps);
    if (isSure && !into.wasGap(path) && into.saved(isSame).some(isUnchanged)) {
      into.keep(isSame);
      continue;
    }
    const read = async () => ({ taken: await readResource(deps, portal, item.id, resource, path) });
    const once = () => into.unfinished.once(`${path} ${size}`, deps.room, read);
    const end = await into.take(path, async () => (await once()).taken, isSame);
    if (end === 'none') into.note('NOT_THERE', `The portal lists ${oneLine(path)}, but does not have it.`, path);
  }
};

async function readResource(deps: ItemDeps, portal: Portal, id: string, resource: Resource, path: string) {
  const { name, size, isPrivate } = resource;
  // Some portals list files without their size, others with 0 or -1 where they do not know it.
  const listed = size !== undefined && size > 0 ? size : undefined;
  const body = await portal.download(id, `resources/${name}`, { size: listed, isHeld: true, name });
  if (body === undefined) return undefined;
  const taken = await stagePart(deps, 'resource', { ...body, listed }, () => path);
  const more = { ...(path !== `resources/${name}` && { name }), ...(isPrivate && { private: true as const }) };
  return { ...taken, part: { ...taken.part, ...more } };
}
