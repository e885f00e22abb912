import { BackupError, isCode } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { branchIn, readBranch, type BranchAt } from '../git/branch.ts';
import { isBare } from '../git/config.ts';
import { branch, configName, configText, headName, headText, infoRefs, isCommitId, withBranch } from '../git/layout.ts';
import { ours } from './layout.ts';

/**
 * Makes the repository in an empty store, or checks the one that is there, and brings info/refs up to date after a crash.
 * Nothing is made in a store that is somebody else's. Where the branch is, as it was found. Throws STORE_NOT_REPOSITORY.
 */
export async function prepareRepository(
  store: BlobStore,
  beginning: () => Promise<void>,
): Promise<BranchAt | undefined> {
  const found = await look(store);
  try {
    return await prepareFrom(store, found, beginning);
  } catch (error) {
    // What was no archive when it was looked at may have become one of another process before it was judged.
    if (!isCode(error, 'STORE_NOT_REPOSITORY', 'STORE_VANISHED') || !(await hasGrown(store, found))) throw error;
    return prepareRepository(store, beginning);
  }
}

async function prepareFrom(store: BlobStore, found: Found, beginning: () => Promise<void>) {
  if (found.missing) {
    await beginning();
    await store.create();
  }
  const { head, told } = found;
  if (head === undefined) {
    await createRepository(store, beginning);
    return undefined;
  }
  if (head.trim() !== headText.trim()) {
    throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} is a repository, but not one of ago-backup.`);
  }
  const at = found.branch ?? (await readBranch(store));
  if (at === undefined) {
    if (told?.includes(`\t${branch}\n`) === true) throw lostBranch(store);
    await beginning();
  }
  const commit = found.branch?.commit ?? '';
  // Where the branch is damaged, info/refs may be the only place that tells where it was.
  const right = isCommitId(commit) ? withBranch(told ?? '', commit) : told;
  // A repository that we left in order is ours; only another is worth the request.
  if (told === undefined || told !== right) await checkBare(store);
  // Also clears away what killed processes left half written, where the store does such things.
  await store.create();
  if (right !== undefined && right !== told) await store.put(infoRefs, Buffer.from(right));
  return at;
}

/**
 * What `prepareRepository` would find; makes and changes nothing. `missing` = not even the container is there; a directory
 * that is not there is `empty`. Throws STORE_NOT_REPOSITORY.
 */
export async function inspectRepository(store: BlobStore): Promise<'there' | 'empty' | 'missing'> {
  const found = await look(store);
  if (found.missing) return 'missing';
  if (found.head !== undefined) return 'there';
  try {
    await refuseForeign(store);
  } catch (error) {
    if (!isCode(error, 'STORE_NOT_REPOSITORY') || !(await hasGrown(store, found))) throw error;
    return 'there';
  }
  return 'empty';
}

/** What a look at the store finds of a repository. */
interface Found {
  /** not even the container is there */
  missing: boolean;
  /** its text */
  head?: string | undefined;
  /** undefined also when a person's git keeps it in packed-refs */
  branch?: BranchAt | undefined;
  /** the text of info/refs */
  told?: string | undefined;
}

async function look(store: BlobStore): Promise<Found> {
  const names = [headName, branch, infoRefs];
  const blobs = await ignoringMissing(Promise.all(names.map((name) => store.get(name))));
  const [head, at, told] = blobs ?? [];
  return {
    missing: blobs === undefined,
    head: head?.bytes.toString(),
    branch: at && branchIn(at),
    told: told?.bytes.toString(),
  };
}

/** Has it become a repository since, or got its first commit? */
async function hasGrown(store: BlobStore, found: Found): Promise<boolean> {
  const now = await look(store);
  const isNew = (what: 'head' | 'branch') => found[what] === undefined && now[what] !== undefined;
  return isNew('head') || isNew('branch');
}

async function ignoringMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isCode(error, 'STORE_MISSING')) return undefined;
    throw error;
  }
}

/** A branch that is gone must not look like an archive that has no commit yet: a new history would begin. */
function lostBranch(store: BlobStore): BackupError {
  return new BackupError('STORE_DAMAGED', `${branch} is missing in ${store.address}.`, {
    hint: 'On a machine that reaches the archive, run `ago-backup repair`: it puts the branch back to the last commit that a run recorded.',
  });
}

async function createRepository(store: BlobStore, beginning: () => Promise<void>): Promise<void> {
  await refuseForeign(store);
  await beginning();
  await store.create();
  await store.put(configName, Buffer.from(configText), { absent: true });
  await store.put(headName, Buffer.from(headText), { absent: true });
}

/** A store without HEAD must be empty: what is in it would be somebody's. */
async function refuseForeign(store: BlobStore): Promise<void> {
  for await (const { name } of store.list('')) {
    // What an unfinished creation leaves.
    if (name.startsWith(ours) || name === configName) continue;
    throw new BackupError(
      'STORE_NOT_REPOSITORY',
      `${store.address} is not empty and is no repository: it holds ${name}.`,
    );
  }
  await checkBare(store);
}

async function checkBare(store: BlobStore): Promise<void> {
  const config = (await store.get(configName))?.bytes.toString() ?? configText;
  if (!isBare(config)) {
    throw new BackupError(
      'STORE_NOT_REPOSITORY',
      `${store.address} is the .git folder of a working tree, not a bare repository.`,
    );
  }
}
