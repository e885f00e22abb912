import type { Archive } from '../archive/archive.ts';
import { readManifest } from '../archive/item-manifest.ts';
import type { Manifest } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import type { Facts, ReadFolder } from './history.ts';
import { isOldItem, oldFacts, oldManifest, usersFolder } from './old-items.ts';
import { chunks } from '../storage/json-blobs.ts';

/** An item's folder that is not as it was. */
export interface FolderChange {
  /** from the root of the archive */
  path: string;
  /** id of the folder; undefined when it is gone */
  tree: string | undefined;
}

/** Who reads folders. */
interface TreeReader {
  repository: Pick<Archive['repository'], 'tree'>;
}

/** Below `content`: member, folder, type, title. */
const depth = 4;
const atOnce = 16;

/**
 * What of a commit's root tree holds the items: the tree of `content`, or, in commits of the old script, `Users:` and the tree of that;
 * undefined where there is neither.
 */
export function itemsIn(root: readonly { name: string; type: string; oid: string }[]): string | undefined {
  const treeOf = (wanted: string) => root.find(({ name, type }) => name === wanted && type === 'tree')?.oid;
  const users = treeOf(usersFolder);
  return treeOf('content') ?? (users && `${usersFolder}:${users}`);
}

/**
 * The folders of items that differ between two answers of `itemsIn`. What has the same id is the same, so unchanged folders
 * are never read. Throws STORE_DAMAGED.
 */
export async function changedFolders(
  archive: TreeReader,
  before: string | undefined,
  after: string | undefined,
): Promise<FolderChange[]> {
  const [old, now] = [placeOf(before), placeOf(after)];
  const roots = new Set([old.path, now.path]);
  let level = [...roots]
    .map((path) => ({
      path,
      before: old.path === path ? old.tree : undefined,
      after: now.path === path ? now.tree : undefined,
    }))
    .filter((pair) => pair.before !== pair.after);
  for (let n = 0; n < depth; n++) {
    const below: typeof level = [];
    for await (const group of chunks(level, atOnce))
      for (const pairs of await Promise.all(group.map((pair) => pairsBelow(archive, pair)))) below.push(...pairs);
    level = below;
  }
  return level.map(({ path, after: tree }) => ({ path, tree }));
}

function placeOf(items: string | undefined): { path: string; tree: string | undefined } {
  const [path, tree] = items?.split(':') ?? [];
  return path === undefined || tree === undefined ? { path: 'content', tree: path } : { path, tree };
}

async function pairsBelow(
  archive: TreeReader,
  pair: { path: string; before: string | undefined; after: string | undefined },
) {
  const [old, now] = await Promise.all([foldersOf(archive, pair.before), foldersOf(archive, pair.after)]);
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names]
    .map((name) => ({ path: `${pair.path}/${name}`, before: old.get(name), after: now.get(name) }))
    .filter((each) => each.before !== each.after);
}

async function foldersOf({ repository }: TreeReader, tree: string | undefined): Promise<Map<string, string>> {
  const entries = tree === undefined ? [] : await repository.tree(tree);
  return new Map(entries.filter(({ type }) => type === 'tree').map(({ name, oid }) => [name, oid]));
}

/** The backup.json of an item's folder; undefined when it has none that can be read: then it is no item. */
export async function manifestIn({ repository }: Archive, tree: string): Promise<Manifest | undefined> {
  try {
    const entries = await repository.tree(tree);
    const file = entries.find(({ name, type }) => name === 'backup.json' && type === 'blob');
    if (file !== undefined) return readManifest(await repository.blob(file.oid));
    return isOldItem(entries) ? await oldManifest(repository, entries) : undefined;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** What backup.json of each folder says, a few at a time, in their order. */
export async function readFolders(archive: Archive, folders: readonly FolderChange[]): Promise<ReadFolder[]> {
  const all: ReadFolder[] = [];
  for await (const group of chunks(folders, atOnce)) {
    const read = group.map(async ({ path, tree }) => ({ path, tree, facts: await factsIn(archive, path, tree) }));
    all.push(...(await Promise.all(read)));
  }
  return all;
}

async function factsIn(archive: Archive, path: string, tree: string | undefined): Promise<Facts | null> {
  if (path.startsWith(`${usersFolder}/`)) return tree === undefined ? null : oldFacts(archive, path, tree);
  const manifest = tree === undefined ? undefined : await manifestIn(archive, tree);
  if (manifest === undefined) return null;
  return factsOf(manifest);
}

/** What lists need of a backup.json. */
export function factsOf({ id, title, owner, folder, type, parts, uses: names, service }: Manifest): Facts {
  const size = parts.reduce((sum, each) => sum + each.size, 0);
  return {
    id,
    title,
    owner,
    folder,
    type,
    size,
    ...(names && { uses: { names, ...(service !== undefined && { service }) } }),
  };
}
