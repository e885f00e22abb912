import { entryNamed } from '../git/tree-names.ts';
import { jsonIn } from '../backup/json.ts';
import type { Archive } from '../archive/archive.ts';
import { largeName } from '../archive/layout.ts';
import { readPointer } from '../archive/lfs.ts';
import { sha256 } from '../archive/sha256.ts';
import type { Manifest, Part } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import { manifestIn } from './folders.ts';
import type { State } from './history.ts';

const ofOurs = new Set(['backup.json', 'timestamp.txt', '.gitattributes']);

/** Is it a file of our own, which says nothing of the item that its parts do not? */
export function isOurs(path: string): boolean {
  return ofOurs.has(path);
}

/** The id of every file below a tree, by its path. Folders that are the same in `like` are left out. Throws STORE_DAMAGED. */
export async function filesBelow(
  archive: Archive,
  tree: string | undefined,
  like?: string,
  prefix = '',
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  if (tree === undefined || tree === like) return files;
  const others = like === undefined ? [] : await archive.repository.tree(like);
  for (const { name, oid, type } of await archive.repository.tree(tree)) {
    const other = entryNamed(others, name);
    if (type === 'blob') files.set(prefix + name, oid);
    else if (type === 'tree') {
      const below = await filesBelow(archive, oid, other?.type === 'tree' ? other.oid : undefined, `${prefix}${name}/`);
      for (const [path, file] of below) files.set(path, file);
    }
  }
  return files;
}

/** What backup.json of an item's folder says; undefined when it cannot be read. */
export function manifestOf(archive: Archive, { tree }: Pick<State, 'tree'>): Promise<Manifest | undefined> {
  return manifestIn(archive, tree);
}

/** A small file of an item's folder; undefined when it is not there, damaged, or a Git LFS object. Throws on a store that fails. */
export async function smallFile(
  archive: Archive,
  { tree }: Pick<State, 'tree'>,
  path: string,
): Promise<Buffer | undefined> {
  try {
    const oid = await archive.repository.treeAt(tree, path);
    return oid === undefined ? undefined : await archive.repository.blob(oid);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** JSON of a small file; undefined when it is not there or is none. */
export async function jsonFile(archive: Archive, state: Pick<State, 'tree'>, path: string): Promise<unknown> {
  const bytes = await smallFile(archive, state, path);
  return bytes === undefined ? undefined : parsed(bytes);
}

/** A JSON value; undefined when the bytes are none. */
export function parsed(bytes: Buffer): unknown {
  return jsonIn(bytes.toString().replace(/^\ufeff/, ''));
}

/** The record of an item as the portal gave it. */
export async function recordOf(
  archive: Archive,
  state: Pick<State, 'tree'>,
): Promise<Record<string, unknown> | undefined> {
  const record = await jsonFile(archive, state, 'item.json');
  return record !== null && typeof record === 'object' ? (record as Record<string, unknown>) : undefined;
}

/** What no record of a portal has more of: an index must not grow by one that is spoiled. */
const most = { tags: 200, signs: 256 };

/** The tags of an item; none where its record cannot be read. */
export async function tagsOf(archive: Archive, state: Pick<State, 'tree'>): Promise<string[]> {
  const tags = (await recordOf(archive, state))?.['tags'];
  if (!Array.isArray(tags)) return [];
  const texts = tags.flatMap((tag) => (typeof tag === 'string' && tag.trim() !== '' ? [tag.trim()] : []));
  return texts.slice(0, most.tags).map((tag) => tag.slice(0, most.signs));
}

/** Where the bytes of a part are. */
export type PartSource = { bytes: Buffer } | { large: string };

/**
 * Finds a part, and checks what is at hand: bytes in git against size and SHA-256, the pointer of a Git LFS object against
 * both. The bytes of a Git LFS object are checked by who reads them.
 * @returns a sentence when it is not what backup.json says
 */
export async function findPart(
  archive: Archive,
  { tree }: Pick<State, 'tree'>,
  part: Part,
): Promise<PartSource | string> {
  const bytes = await smallFile(archive, { tree }, part.path);
  if (bytes === undefined) return 'is missing or damaged';
  if (!part.lfs)
    return bytes.length === part.size && sha256(bytes) === part.sha256 ? { bytes } : 'is not what backup.json says';
  const pointed = readPointer(bytes);
  if (pointed?.sha256 !== part.sha256 || pointed.size !== part.size) return 'is not what backup.json says';
  return { large: largeName(part.sha256) };
}
