import { numberOf } from '../../backup/words.ts';
import { BackupError } from '../../errors.ts';
import { indexOfPack } from '../../git/layout.ts';
import { indexName, largeName } from '../../archive/layout.ts';
import { indexPack } from '../../git/pack/pack-check.ts';
import { encodeIndex } from '../../git/pack/index-builder.ts';
import { hashOf } from '../../archive/sha256.ts';
import { keepAside, largeAside } from '../set-aside.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** Writes a small file of the repository, if it still has this ETag (null: is not there). A sentence. */
export async function writeFile(store: BlobStore, name: string, text: string, etag: string | null): Promise<string> {
  await replace(store, name, Buffer.from(text), etag);
  return `Wrote ${name}.`;
}

/** Makes the index of a pack from the pack. Throws STORE_DAMAGED when the pack does not hold. */
export async function rebuildIndex(store: BlobStore, pack: string): Promise<string> {
  const found = await indexPack(store, pack);
  if (found === undefined) throw new BackupError('STORE_DAMAGED', `pack-${pack} does not hold.`);
  const name = indexOfPack(pack);
  await replace(store, name, encodeIndex(found.entries, found.checksum), (await store.stat(name))?.etag ?? null);
  return `Made the index of pack-${pack} from the pack: ${numberOf(found.entries.length, 'object')}.`;
}

/**
 * Puts a Git LFS object in its place from where its bytes lie. Of two that lie under each other's name the first has been set
 * aside when it is the second one's turn. A sentence; undefined when its bytes are nowhere any more.
 */
export async function placeLarge(store: BlobStore, sha256: string, from: string): Promise<string | undefined> {
  const source = (await hashOf(store, from)) === sha256 ? from : (await largeAside(store)).get(sha256);
  if (source === undefined) return undefined;
  await keepAside(store, largeName(sha256));
  await store.copy(source, largeName(sha256));
  return `Put the Git LFS object ${sha256} in its place.`;
}

/** Puts a damaged file aside that nothing needs. A sentence. */
export async function putAside(store: BlobStore, name: string): Promise<string> {
  await keepAside(store, name);
  await store.delete(name);
  return `Put ${name} aside.`;
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
 * Writes a blob in place of what was read of it, which is set aside first.
 * Throws STORE_UNREACHABLE (retryable) when somebody else wrote it meanwhile.
 */
export async function replace(store: BlobStore, name: string, bytes: Buffer, etag: string | null): Promise<void> {
  if (etag !== null) await keepAside(store, name);
  if ((await store.put(name, bytes, etag === null ? { absent: true } : { etag })) !== undefined) return;
  // Of a call that was made twice the second one finds what the first has written.
  if ((await store.get(name))?.bytes.equals(bytes) === true) return;
  throw new BackupError('STORE_UNREACHABLE', `${name} was written by somebody else meanwhile.`, {
    retryable: true,
    hint: 'Run `ago-backup verify` again; a run that was under way may have put it right.',
  });
}
