import git from 'isomorphic-git';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { readBranch, type BranchAt } from '../git/branch.ts';
import { decodeCommit, type Commit } from '../git/commit.ts';
import { branch, isCommitId } from '../git/layout.ts';
import { NewObjects, type NewObject } from '../git/new-objects.ts';
import { gitdir, objectFs } from '../git/object-fs.ts';
import { ObjectReader, type GitObject } from '../git/object-reader.ts';
import type { ObjectType } from '../git/pack/pack-entry.ts';
import type { Packs } from '../git/pack/packs.ts';
import { inspectRepository, prepareRepository } from './prepare.ts';
import { mendObjects, moveBranch, storeObjects } from './publish.ts';
import { Lru } from '../git/lru.ts';
import { decodeTree, type TreeEntry } from '../git/tree-bytes.ts';
import { entryNamed } from '../git/tree-names.ts';
import { applyEdits, type Edit } from '../git/trees.ts';

export { NewObjects } from '../git/new-objects.ts';
export type { TreeEntry } from '../git/tree-bytes.ts';

/** Where the branch is. */
export interface Head {
  commit: string;
  /** of the branch's blob; undefined when a person's git keeps the branch in packed-refs */
  etag: string | undefined;
  /** the root tree */
  tree: string;
  message: string;
  parent: string | undefined;
  /** epoch ms */
  time: number;
}

/** What a run publishes. */
export interface Publication {
  base: Head | undefined;
  tree: string;
  message: string;
  /** epoch ms; the commit is the same whenever it is made again from the same run */
  timeMs: number;
  objects: NewObjects;
  /** names of staged blobs */
  staged: readonly string[];
  /** asked when all is stored and nothing visible; what it throws keeps the branch where it is */
  confirm?: () => Promise<void>;
}

const author = { name: 'ago-backup', email: 'ago-backup@localhost' };
/** Trees kept in memory, bytes; an entry takes about 200. */
const mostTreeBytes = 16 * 1024 * 1024;

/**
 * The archive as a git repository. isomorphic-git reads and makes commits, in memory; the branch is read and moved here,
 * with conditions, because isomorphic-git has none.
 */
export class Repository {
  readonly #store: BlobStore;
  readonly #reader: ObjectReader;
  readonly #random: () => string;
  #last: Head | undefined;
  /** folders that are being made, as long as they are */
  readonly #fresh = new WeakMap<NewObject, TreeEntry[]>();
  readonly #trees = new Lru<TreeEntry[]>(mostTreeBytes, (entries) => 100 + entries.length * 200);

  /**
   * @param random 40 fresh hex digits
   * @param packs of the store, where they are to be looked through in another order
   */
  constructor(store: BlobStore, random: () => string, packs?: Packs) {
    this.#store = store;
    this.#random = random;
    this.#reader = new ObjectReader(store, packs);
  }

  /**
   * Makes the repository in an empty store, or checks the one that is there. The branch, as `head` does. Throws
   * STORE_NOT_REPOSITORY, STORE_DAMAGED.
   * @param beginning asked when there is no commit yet, before anything is made; what it throws goes on
   */
  async prepare(beginning: () => Promise<void> = () => Promise.resolve()): Promise<Head | undefined> {
    return this.#headAt(await prepareRepository(this.#store, beginning));
  }

  /** What `prepare` would find; makes nothing. Throws STORE_NOT_REPOSITORY. */
  inspect(): Promise<'there' | 'empty' | 'missing'> {
    return inspectRepository(this.#store);
  }

  /** The branch, read now; undefined before the first commit. Throws STORE_DAMAGED. */
  async head(): Promise<Head | undefined> {
    return this.#headAt(await readBranch(this.#store));
  }

  async #headAt(at: BranchAt | undefined): Promise<Head | undefined> {
    // Where the branch did not move, what is known of its packs is still enough.
    if (this.#last !== undefined && at?.commit === this.#last.commit) return { ...this.#last, etag: at.etag };
    this.#reader.refresh();
    this.#last = at && (await this.#readHead(at.commit, at.etag));
    return this.#last;
  }

  /** The commit before this one. Throws STORE_DAMAGED. */
  async parent({ parent }: Head): Promise<Head | undefined> {
    return parent === undefined ? undefined : this.#readHead(parent, undefined);
  }

  /** Any commit, with all its parents. Throws STORE_DAMAGED when it is not there. */
  async commit(oid: string): Promise<Commit> {
    return decodeCommit(oid, (await this.#need(oid, 'commit')).bytes);
  }

  /** The bytes of any commit, as they are hashed. Throws STORE_DAMAGED when it is not there. */
  async commitBytes(oid: string): Promise<Buffer> {
    return (await this.#need(oid, 'commit')).bytes;
  }

  /** The entries of a tree. Throws STORE_DAMAGED when it is not there. */
  async tree(oid: string, objects?: NewObjects): Promise<readonly TreeEntry[]> {
    const fresh = objects?.get(oid);
    if (fresh !== undefined) return this.#decoded(fresh);
    return this.#trees.get(oid, async () => decodeTree((await this.#need(oid, 'tree')).bytes));
  }

  /** A wide folder that is being made is looked into once for each member: decoded each time, that would be quadratic. */
  #decoded(fresh: NewObject): readonly TreeEntry[] {
    const entries = this.#fresh.get(fresh) ?? decodeTree(fresh.bytes);
    this.#fresh.set(fresh, entries);
    return entries;
  }

  /** The id of what lies at a path, or undefined. Throws STORE_DAMAGED. */
  async treeAt(root: string, path: string, objects?: NewObjects): Promise<string | undefined> {
    let at: Pick<TreeEntry, 'oid' | 'type'> = { oid: root, type: 'tree' };
    for (const name of path.split('/')) {
      const next: TreeEntry | undefined =
        at.type === 'tree' ? entryNamed(await this.tree(at.oid, objects), name) : undefined;
      if (next === undefined) return undefined;
      at = next;
    }
    return at.oid;
  }

  /** A file's bytes. Throws STORE_DAMAGED when it is not there. */
  async blob(oid: string): Promise<Buffer> {
    return (await this.#need(oid, 'blob')).bytes;
  }

  /** A place for the objects of one run. */
  newObjects(): NewObjects {
    return new NewObjects();
  }

  /** The id of a root tree with edits applied; its new folders are among the objects. Throws STORE_DAMAGED. */
  async applyEdits(objects: NewObjects, base: string | undefined, edits: readonly Edit[]): Promise<string> {
    const port = {
      read: (oid: string) => this.tree(oid, objects),
      write: (entries: readonly TreeEntry[]) => objects.writeTree(entries),
    };
    return (await applyEdits(port, base, edits)) ?? objects.writeTree([]);
  }

  /**
   * One pack, one commit, then the branch; the commit's id, which follows from the input alone. May be called again after
   * any failure. Throws BRANCH_MOVED and STORE_DAMAGED, and what `confirm` throws; then nothing is visible.
   */
  async publish({ base, tree, message, timeMs, objects, staged, confirm }: Publication): Promise<string> {
    const by = { ...author, timestamp: Math.floor(timeMs / 1000), timezoneOffset: 0 };
    const parent = base === undefined ? [] : [base.commit];
    const commit = { message, tree, parent, author: by, committer: by };
    const oid = await git.writeCommit({ fs: objectFs(this.#reader, objects), gitdir, commit });
    await storeObjects(this.#store, this.#reader, this.#random(), staged, objects);
    await confirm?.();
    await moveBranch(this.#store, oid, base?.etag);
    this.#reader.refresh();
    return oid;
  }

  /**
   * Puts other commits in the place of those that the branch leads to: one pack, then the branch. What they need besides is there.
   * May be called again after any failure. Throws BRANCH_MOVED and what `confirm` throws; then nothing is visible.
   * @param commits their bytes; the last one is where the branch goes
   * @param confirm asked when all is stored and nothing visible
   */
  async replace(head: Head, commits: readonly Buffer[], confirm: () => Promise<void>): Promise<void> {
    const objects = new NewObjects();
    const [last = head.commit] = commits.map((bytes) => objects.add('commit', bytes)).slice(-1);
    await storeObjects(this.#store, this.#reader, this.#random(), [], objects);
    await confirm();
    await moveBranch(this.#store, last, head.etag);
    this.#reader.refresh();
  }

  /**
   * Packs those of these objects once more that the archive has damaged or not at all. Readers take the new pack first.
   * @param staged names of staged blobs
   * @returns how many they were
   */
  async mend(objects: NewObjects, staged: readonly string[]): Promise<number> {
    const count = await mendObjects(this.#store, this.#reader, this.#random(), staged, objects);
    this.#reader.refresh();
    return count;
  }

  async #readHead(commit: string, etag: string | undefined): Promise<Head> {
    if (!isCommitId(commit)) {
      throw new BackupError('STORE_DAMAGED', `${branch} in ${this.#store.address} is damaged.`);
    }
    // Handed to isomorphic-git as it is, so that it is not fetched twice.
    const objects = new NewObjects();
    objects.add('commit', (await this.#need(commit, 'commit')).bytes);
    const read = await git.readCommit({ fs: objectFs(this.#reader, objects), gitdir, oid: commit, cache: {} });
    const { tree, message, parent, committer } = read.commit;
    return { commit, etag, tree, message, parent: parent[0], time: committer.timestamp * 1000 };
  }

  async #need(oid: string, type: ObjectType): Promise<GitObject> {
    const found = await this.#reader.read(oid);
    if (found?.type === type) return found;
    const hint = 'If somebody pushed to the archive, run `git update-server-info` in it; else restore it from a clone.';
    throw new BackupError('STORE_DAMAGED', `The ${type} ${oid} is missing in ${this.#store.address}.`, { hint });
  }
}

/** Opens the repository in a store; nothing is asked yet. */
export function openRepository(store: BlobStore, { random }: { random: () => string; clock: Clock }): Repository {
  return new Repository(store, random);
}
