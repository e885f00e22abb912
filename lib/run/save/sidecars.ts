import type { Portal } from '../../arcgis/portal.ts';
import type { Resource } from '../../arcgis/content/resources.ts';
import { isHosted } from '../../backup/formats.ts';
import { canonicalJson } from '../../backup/json.ts';
import type { Found } from '../../backup/found.ts';
import { nestedPaths, thumbnailName } from '../../backup/names/part-names.ts';
import { lacksKeywords } from '../../backup/record.ts';
import { oneLine } from '../../backup/report.ts';
import { typeInfo } from '../../backup/types.ts';
import type { Part, Role } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import { takeDefinition, takeRelations } from './descriptions.ts';
import { small, stagePart, thresholdOf, type ItemDeps } from './stage-part.ts';
import type { SideParts } from './side-parts.ts';

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

/**
 * Everything around an item's data, which a rebuild needs besides: thumbnail, info files, sharing, relationships, resources, the
 * definition of a hosted layer, and the metadata, where the item's keywords say that it has some (arcgis-rest.md 5).
 */
export async function takeSidecars(deps: ItemDeps, portal: Portal, found: Found, side: SideParts): Promise<void> {
  const { item } = found;
  const { thumbnail, type } = item;
  const file = (each: SideFile) => takeFile(deps, portal, found, side, each);
  if (typeof thumbnail === 'string' && thumbnail !== '') {
    const path = thumbnailName(thumbnail);
    const end = await file({ role: 'thumbnail', file: `info/${thumbnail}`, path });
    if (end === 'none') side.note('NOT_THERE', 'The portal does not have the thumbnail that the record names.', path);
  }
  for (const name of ['iteminfo.xml', ...(infoFiles.get(type) ?? [])])
    await file({ role: 'info', file: `info/${name}`, path: `info/${name}` });
  await takeSharing(portal, found, side);
  if (!typeInfo(type).known)
    side.note(
      'TYPE_UNKNOWN',
      `The type ${oneLine(type)} is not in the table of types; everything it offers was saved.`,
    );
  await takeRelations(deps, portal, found, side);
  if (isHosted(item) && found.notOwn === undefined) await takeDefinition(deps, portal, found, side);
  await takeResources(deps, portal, found, side);
  const mayHave = lacksKeywords(item);
  if (!mayHave && !item.typeKeywords.includes('Metadata')) return;
  const path = 'metadata.xml';
  const end = await file({ role: 'metadata', file: 'metadata', path });
  if (end === 'none' && !mayHave)
    side.note('NOT_THERE', 'The portal has no metadata for this item, although its keywords say so.', path);
}

/** A file about the item. Its role may have another name now: a thumbnail that was a .png and is a .jpg. */
function takeFile(deps: ItemDeps, portal: Portal, { item }: Found, side: SideParts, { role, file, path }: SideFile) {
  const isSame = (part: Part) => part.role === role && (role === 'thumbnail' || part.path === path);
  const read = async () => {
    const body = await portal.download(item.id, file, { name: file === 'metadata' ? path : file });
    if (body?.size !== 0) return body && stagePart(deps, role, body, () => path);
    if (side.saved(isSame).every(({ size }) => size === 0)) return undefined;
    throw new BackupError('ITEM_DAMAGED', `The portal gives nothing for ${path}, which had bytes before.`);
  };
  return side.take(path, read, isSame);
}

async function takeSharing(portal: Portal, { item }: Found, side: SideParts): Promise<void> {
  const path = 'sharing.json';
  const end = await side.take(path, async () => {
    const sharing = await portal.sharing(item);
    return sharing && small('info', path, Buffer.from(canonicalJson(sharing)));
  });
  if (end !== 'none') return;
  side.note('NOT_TOLD', 'The portal tells only the owner which groups this item is shared with.', path);
  side.keep((part) => part.path === path);
}

/**
 * The files beside the item. What was moved or shared only keeps those of the same name and size; on the day of the
 * recheck, and when the item itself changed, all are read again. Without their list all stay.
 */
async function takeResources(deps: ItemDeps, portal: Portal, found: Found, side: SideParts): Promise<void> {
  const { item, step, due } = found;
  const isResource = ({ role }: Part) => role === 'resource';
  const had = side.saved(isResource).length > 0;
  const list = await side.ask('resources', () => portal.resources(item.id), { had });
  // An empty list is a list: without any, nothing says that what is there has gone.
  if (list === 'none' && had)
    side.note('NOT_TOLD', 'The portal has no list of resources of this item; those that were saved stay.', 'resources');
  if (typeof list === 'string') return side.keep(isResource);
  const resources = list.value;
  const paths = nestedPaths(
    'resources',
    resources.map(({ name }) => name),
  );
  const isSure = step === 'refresh' && !due && !side.wasGap('resources');
  for (const resource of resources) {
    const { name, size } = resource;
    const path = paths.get(name) ?? '';
    const own = path === `resources/${name}` ? undefined : name;
    const isSame = (part: Part) => isResource(part) && part.path === path && part.name === own;
    const isUnchanged = (part: Part) => part.size === size && part.lfs === size > thresholdOf(deps);
    if (isSure && !side.wasGap(path) && side.saved(isSame).some(isUnchanged)) {
      side.keep(isSame);
      continue;
    }
    const end = await side.take(path, () => readResource(deps, portal, item.id, resource, path), isSame);
    if (end === 'none') side.note('NOT_THERE', `The portal lists ${oneLine(path)}, but does not have it.`, path);
  }
}

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
