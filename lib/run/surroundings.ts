import type { Portal } from '../arcgis/portal.ts';
import { definitionBytes } from '../backup/definition.ts';
import { isHosted } from '../backup/formats.ts';
import { canonicalJson } from '../backup/json.ts';
import type { Found } from '../backup/messages.ts';
import { nestedPaths, thumbnailName } from '../backup/part-names.ts';
import { oneLine } from '../backup/report.ts';
import { typeInfo } from '../backup/types.ts';
import type { Item, Part, Role } from '../backup/words.ts';
import { isCode } from '../errors.ts';
import { small, takeIn, thresholdOf, useRoom, type ItemParts, type Taken } from './intake.ts';

/** Everything around an item's data: what a rebuild needs besides. Parts of the tree that are still the same are `kept`. */
export interface Surroundings {
  taken: Taken[];
  kept: Part[];
  notes: string[];
}

/** Files that Survey123 keeps about its forms, and how a hosted layer was published (arcgis-rest.md 5). */
const infoFiles = new Map([
  ['Form', ['form.json', 'form.webform', 'forminfo.json']],
  ['Feature Service', ['publishParameters.json']],
]);

/** Thumbnail, info files, sharing, relationships, resources and, of a hosted layer, its definition. */
export async function takeSurroundings(parts: ItemParts, portal: Portal, found: Found): Promise<Surroundings> {
  const { item } = found;
  const all: Surroundings = { taken: [], kept: [], notes: [] };
  const file = async (role: Role, name: `info/${string}`, path: string) => {
    const taken = await takeInfo(parts, portal, item, role, name, path);
    if (taken !== undefined) all.taken.push(taken);
    return taken !== undefined;
  };
  const { thumbnail } = item;
  if (typeof thumbnail === 'string' && thumbnail !== '') {
    const isThere = await file('thumbnail', `info/${thumbnail}`, thumbnailName(thumbnail));
    if (!isThere) all.notes.push('The portal does not have the thumbnail that the record names.');
  }
  for (const name of ['iteminfo.xml', ...(infoFiles.get(item.type) ?? [])])
    await file('info', `info/${name}`, `info/${name}`);
  const sharing = await portal.sharing(item);
  if (sharing) all.taken.push(small('info', 'sharing.json', Buffer.from(canonicalJson(sharing))));
  else all.notes.push('The portal tells only the owner which groups this item is shared with.');
  const { known, relations: kinds } = typeInfo(item.type);
  if (!known)
    all.notes.push(`The type ${oneLine(item.type)} is not in the table of types; everything it offers was saved.`);
  const relations = await portal.relations(item.id, kinds);
  if (relations.length > 0) {
    const sorted = [...relations].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
    all.taken.push(small('related', 'related.json', Buffer.from(canonicalJson(sorted))));
  }
  if (isHosted(item) && found.notOwn === undefined)
    all.taken.push(small('layers', 'layers.json', definitionBytes(await portal.definition(item))));
  await takeResources(parts, portal, found, all);
  return all;
}

/** A file about the item; undefined when the portal has none, in whichever way it says so. */
async function takeInfo(
  parts: ItemParts,
  portal: Portal,
  item: Item,
  role: Role,
  name: `info/${string}`,
  path: string,
) {
  try {
    const found = await portal.download(item.id, name);
    return found && (await takeIn(parts, role, found, () => path));
  } catch (error) {
    // Missing info files answer with errors of many kinds; the item itself is checked by its other parts.
    if (isCode(error, 'PORTAL_ERROR')) return undefined;
    throw error;
  }
}

/**
 * The files beside the item. What was moved or shared only keeps those of the same name and size; on the day of the
 * recheck, and when the item itself changed, all are read again.
 */
async function takeResources(parts: ItemParts, portal: Portal, found: Found, all: Surroundings): Promise<void> {
  const { item, saved, step, due } = found;
  const resources = await portal.resources(item.id);
  const paths = nestedPaths(
    'resources',
    resources.map(({ name }) => name),
  );
  for (const { name, size, isPrivate } of resources) {
    const path = paths.get(name) ?? '';
    const old = saved?.parts.find((part) => part.role === 'resource' && part.path === path);
    if (step === 'refresh' && !due && old !== undefined && old.size === size && old.lfs === size > thresholdOf(parts)) {
      all.kept.push(old);
      useRoom(parts.room, old);
      continue;
    }
    const body = await portal.download(item.id, `resources/${name}`);
    const taken = body ? await takeIn(parts, 'resource', body, () => path) : small('resource', path, Buffer.alloc(0));
    const more = { ...(path !== `resources/${name}` && { name }), ...(isPrivate && { private: true as const }) };
    all.taken.push({ ...taken, part: { ...taken.part, ...more } });
  }
}
