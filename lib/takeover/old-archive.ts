import type { Clock } from '../clock.ts';
import type { Commit } from '../git/commit.ts';
import { allPacks, configName, headName, isCommitId, packedRefs } from '../git/layout.ts';
import type { TreeEntry } from '../git/tree-bytes.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { DirectoryStore } from '../storage/directory/directory.ts';
import { refuseIncomplete } from './complete.ts';
import { findRepository } from './find-repository.ts';
import { OldObjects } from './old-objects.ts';
import { stampFile, usersFolder, type OldDirectory } from './old-layout.ts';
import { recognised } from './recognise.ts';
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
  /** does git show other commits or files in place of some? They are taken over as they were made. */
  isReplaced: boolean;
  /** directories below Users that are no item's, and what else lies there */
  unknown: readonly string[];
}

/**
 * Opens a working copy, its .git folder, or a bare clone; nothing of it is ever written. Throws TAKEOVER_REFUSED with what was found
 * there.
 */
export async function openOldArchive(path: string, clock: Clock): Promise<OldArchive> {
  const { gitFolder, workingCopy } = await findRepository(path);
  const store = new DirectoryStore(gitFolder, { clock });
  await refuseParted(store);
  const packs: string[] = [];
  for await (const { name } of store.list(allPacks)) {
    if (name.endsWith('.promisor')) throw partial(store);
    const pack = /^objects\/pack\/pack-([0-9a-f]{40})\.pack$/.exec(name)?.[1];
    if (pack !== undefined) packs.push(pack);
  }
  const objects = new OldObjects(store, gitFolder, packs);
  const tip = await objects.commit(await tipOf(store));
  if (workingCopy !== undefined) await refuseUncommitted({ gitFolder, workingCopy }, objects, tip.tree);
  const found = await readDirectories(store, objects, tip.tree);
  await refuseIncomplete({ store, packs, tip });
  return { store, objects, packs, tip, isReplaced: await isReplaced(store), ...found };
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
  if (/^\s*refStorage\s*=\s*reftable/im.test((await store.get(configName))?.bytes.toString() ?? ''))
    throw refused(
      `${store.address} keeps its branches in a reftable, which is not read here.`,
      'Run `git refs migrate --ref-format=files` in it, or take over a clone: `git clone --bare --ref-format=files`.',
    );
  if ((await store.stat('index.lock')) !== undefined)
    throw refused(
      `Somebody commits in ${store.address} just now, or was killed while at it: there is an index.lock.`,
      'Let the old script end. If nothing of it runs any more, delete index.lock, run `git status`, and try again.',
    );
}

/** https://git-scm.com/docs/git-replace and https://git-scm.com/docs/gitrepository-layout (info/grafts) */
async function isReplaced(store: BlobStore): Promise<boolean> {
  const packed = (await store.get(packedRefs))?.bytes.toString() ?? '';
  if (/ refs\/replace\//.test(packed) || (await store.stat('info/grafts')) !== undefined) return true;
  for await (const _ of store.list('refs/replace/')) return true;
  return false;
}

function partial({ address }: BlobStore) {
  const cure = 'Take over a whole clone: `git clone --bare` from where it came from, without --filter.';
  return refused(`${address} is a partial clone: it lacks files of the older commits.`, cure);
}

/** The commit that HEAD means, through a branch if it names one. */
async function tipOf(store: BlobStore): Promise<string> {
  const head = ((await store.get(headName))?.bytes.toString() ?? '').trim();
  const branch = /^ref: (.+)$/.exec(head)?.[1];
  const found = branch === undefined ? head : await commitOf(store, branch);
  if (found !== undefined && isCommitId(found)) return found;
  if (found !== undefined && /^[0-9a-f]{64}$/.test(found))
    throw refused(`${store.address} names its objects by SHA-256, which no version of the old script did.`);
  const others = await branchesOf(store);
  const cure = `Let HEAD name the branch of the old script, as in \`git checkout ${others[0]?.replace(/^.*\//, '') ?? ''}\`.`;
  const what = `${store.address} has no commit${branch === undefined ? '' : ` on ${branch}`}`;
  throw others.length === 0 ? refused(`${what}.`) : refused(`${what}; it has ${others.slice(0, 5).join(', ')}.`, cure);
}

/** All branches, those of another repository that were fetched included. */
async function branchesOf(store: BlobStore): Promise<string[]> {
  const packed = (await store.get(packedRefs))?.bytes.toString() ?? '';
  const found = [...packed.matchAll(/^[0-9a-f]+ (refs\/(?:heads|remotes)\/.+)$/gm)].map(([, name = '']) => name);
  for (const place of ['refs/heads/', 'refs/remotes/'])
    for await (const { name } of store.list(place)) found.push(name);
  return [...new Set(found)].filter((name) => !name.endsWith('/HEAD')).sort();
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
  if (users === undefined) {
    const inside = async (folder: string) => {
      const entry = top.find(({ name, type }) => name === folder && type === 'tree');
      return entry === undefined ? [] : (await objects.tree(entry.oid)).map(({ name }) => name);
    };
    const names = top.map(({ name }) => name);
    throw refused(`${store.address} ${await recognised(names, inside)}.`);
  }
  const directories = new Map<string, OldDirectory>();
  const unknown: string[] = [];
  const walk = async (tree: string, names: readonly string[]): Promise<void> => {
    const entries = await objects.tree(tree);
    const path = [usersFolder, ...names].join('/');
    // A link names a file, and is none.
    const isFile = ({ type, mode }: TreeEntry) => type === 'blob' && mode !== '120000';
    const files = new Map(entries.filter(isFile).map(({ name, oid }) => [name, oid]));
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
