import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Commit } from '../git/commit.ts';
import { allPacks, headName, isCommitId, packedRefs } from '../git/layout.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { DirectoryStore } from '../storage/directory/directory.ts';
import { OldObjects } from './old-objects.ts';
import { stampFile, usersFolder, type OldDirectory } from './old-layout.ts';
import { refused } from './refusals.ts';
import { refuseUncommitted } from './uncommitted.ts';

/** The archive that the old script made, opened to be read. */
export interface OldArchive {
  /** its git directory, as a store */
  store: BlobStore;
  objects: OldObjects;
  /** names of all its packs */
  packs: readonly string[];
  /** the latest commit of the branch that HEAD names */
  tip: Commit;
  /** all directories of items in that commit, by path */
  directories: ReadonlyMap<string, OldDirectory>;
  /** directories below Users that are no item's, and what else lies there */
  unknown: readonly string[];
}

/**
 * Opens a working copy, its .git folder, or a bare clone; nothing of it is ever written. Throws TAKEOVER_REFUSED with what was found
 * there.
 */
export async function openOldArchive(path: string, clock: Clock): Promise<OldArchive> {
  const folder = await gitFolder(resolve(path));
  const store = new DirectoryStore(folder, { clock });
  await refuseParted(store);
  const packs: string[] = [];
  for await (const { name } of store.list(allPacks)) {
    const pack = /^objects\/pack\/pack-([0-9a-f]{40})\.pack$/.exec(name)?.[1];
    if (pack !== undefined) packs.push(pack);
  }
  const objects = new OldObjects(store, packs);
  const tip = await objects.commit(await tipOf(store));
  await refuseUncommitted(resolve(path), objects, tip.tree);
  return { store, objects, packs, tip, ...(await readDirectories(store, objects, tip.tree)) };
}

async function gitFolder(path: string): Promise<string> {
  const link = await textOf(join(path, '.git'));
  const linked = /^gitdir: (.+)$/m.exec(link ?? '')?.[1];
  if (linked !== undefined) return resolve(path, linked.trim());
  for (const folder of [join(path, '.git'), path]) if (await isFile(join(folder, 'HEAD'))) return folder;
  throw refused(`${path} is no git repository.`);
}

/** What lies elsewhere as well would be lacking in the copy. */
async function refuseParted(store: BlobStore): Promise<void> {
  if ((await store.stat('shallow')) !== undefined)
    throw refused(
      `${store.address} is a shallow clone: it lacks the older commits.`,
      'Run `git fetch --unshallow` in it first.',
    );
  if ((await store.stat('objects/info/alternates')) !== undefined)
    throw refused(
      `${store.address} borrows objects of another repository.`,
      'Run `git repack -a -d` in it, delete objects/info/alternates, and try again.',
    );
}

/** The commit that HEAD means, through a branch if it names one. */
async function tipOf(store: BlobStore): Promise<string> {
  const head = ((await store.get(headName))?.bytes.toString() ?? '').trim();
  const branch = /^ref: (.+)$/.exec(head)?.[1];
  const found = branch === undefined ? head : await commitOf(store, branch);
  if (found !== undefined && isCommitId(found)) return found;
  if (found !== undefined && /^[0-9a-f]{64}$/.test(found))
    throw refused(`${store.address} names its objects by SHA-256, which no version of the old script did.`);
  throw refused(`${store.address} has no commit${branch === undefined ? '' : ` on ${branch}`}.`);
}

async function commitOf(store: BlobStore, branch: string): Promise<string | undefined> {
  const loose = (await store.get(branch))?.bytes.toString().trim();
  if (loose !== undefined) return loose;
  const packed = (await store.get(packedRefs))?.bytes.toString() ?? '';
  const line = packed.split('\n').find((each) => each.endsWith(` ${branch}`));
  return line?.split(' ')[0];
}

async function readDirectories(store: BlobStore, objects: OldObjects, root: string) {
  const top = await objects.tree(root);
  const users = top.find(({ name, type }) => name === usersFolder && type === 'tree');
  if (users === undefined) throw refused(`${store.address} ${recognised(top.map(({ name }) => name))}.`);
  const directories = new Map<string, OldDirectory>();
  const unknown: string[] = [];
  const walk = async (tree: string, names: readonly string[]): Promise<void> => {
    const entries = await objects.tree(tree);
    const path = [usersFolder, ...names].join('/');
    const files = new Map(entries.filter(({ type }) => type === 'blob').map(({ name, oid }) => [name, oid]));
    if (names.length === 4 && files.size > 0) {
      const [user = '', folder = '', type = '', title = ''] = names;
      directories.set(path, { path, user, folder, type, title, files });
    } else if (files.size > 0) unknown.push(path);
    for (const { name, oid, type } of entries) if (type === 'tree') await walk(oid, [...names, name]);
  };
  await walk(users.oid, []);
  if (![...directories.values()].some(({ files }) => files.has(stampFile)))
    throw refused(`${store.address} has a folder ${usersFolder}, and no ${stampFile} in the places where items lie.`);
  return { directories, unknown };
}

/** What somebody else's repository looks like, in words. */
function recognised(names: readonly string[]): string {
  if (names.includes('content') && names.includes('README.md')) return 'is an archive of ago-backup already';
  const shown = names.slice(0, 8).join(', ');
  return `is not laid out as the old script does: it holds ${shown}${names.length > 8 ? ', …' : ''}`;
}

async function isFile(path: string): Promise<boolean> {
  return (await textOf(path)) !== undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? await readFile(path, 'utf8') : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
