import { BackupError } from '../errors.ts';
import { branch, indexName, indexOfPack, infoRefs, isCommitId, setAsideName, withBranch } from '../git/layout.ts';
import { indexPack } from '../git/pack-check.ts';
import { encodeIndex } from '../git/pack-index.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { Objects } from './objects.ts';

/** Writes a small file of the repository, if it still has this ETag (null: is not there). A sentence. */
export async function writeFile(store: BlobStore, name: string, text: string, etag: string | null): Promise<string> {
  await replace(store, name, Buffer.from(text), etag);
  return `Wrote ${name}.`;
}

/** Makes the index of a pack from the pack. Throws STORE_DAMAGED when the pack does not hold. */
export async function mendIndex(store: BlobStore, pack: string): Promise<string> {
  const found = await indexPack(store, pack);
  if (found === undefined) throw new BackupError('STORE_DAMAGED', `pack-${pack} does not hold.`);
  const name = indexOfPack(pack);
  await replace(store, name, encodeIndex(found.entries, found.checksum), (await store.stat(name))?.etag ?? null);
  return `Made the index of pack-${pack} from the pack: ${found.entries.length} objects.`;
}

/** Makes a derived index anew. */
export async function deriveIndex(
  store: BlobStore,
  tree: string,
  derive: (tree: string) => Promise<void>,
): Promise<string> {
  await store.delete(indexName(tree));
  await derive(tree);
  return `Made the derived index ${tree} from the tree.`;
}

/**
 * Puts the branch back to the newest of these commits that can be read: that is where it was, also when a file of it is
 * damaged. Throws STORE_DAMAGED when there is none.
 * @param commits newest first
 */
export async function mendBranch(store: BlobStore, commits: AsyncIterable<string>): Promise<string | undefined> {
  const objects = new Objects(store);
  const now = await store.get(branch);
  const commit = now?.bytes.toString().trim() ?? '';
  // A run has put it right meanwhile.
  if (isCommitId(commit) && (await objects.commit(commit)) !== undefined) return undefined;
  for await (const commit of commits) {
    if (!isCommitId(commit) || !(await isReadable(objects, commit))) continue;
    await replace(store, branch, Buffer.from(`${commit}\n`), now?.etag ?? null);
    const told = (await store.get(infoRefs))?.bytes.toString() ?? '';
    await store.put(infoRefs, Buffer.from(withBranch(told, commit)));
    return `Put the branch back to commit ${commit.slice(0, 10)}, the last one that a run recorded.`;
  }
  throw new BackupError('STORE_DAMAGED', 'No run recorded a commit that can be read.');
}

async function isReadable(objects: Objects, oid: string): Promise<boolean> {
  const commit = await objects.commit(oid);
  return commit !== undefined && (await objects.tree(commit.tree)) !== undefined;
}

/**
 * Writes a blob in place of what was read of it, which is set aside first.
 * Throws STORE_UNREACHABLE (retryable) when somebody else wrote it meanwhile.
 */
async function replace(store: BlobStore, name: string, bytes: Buffer, etag: string | null): Promise<void> {
  if (etag !== null) await store.copy(name, setAsideName(name));
  if ((await store.put(name, bytes, etag === null ? { absent: true } : { etag })) !== undefined) return;
  // Of a call that was made twice the second one finds what the first has written.
  if ((await store.get(name))?.bytes.equals(bytes) === true) return;
  throw new BackupError('STORE_UNREACHABLE', `${name} was written by somebody else meanwhile.`, {
    retryable: true,
    hint: 'Run `ago-backup verify` again; a run that was under way may have put it right.',
  });
}
