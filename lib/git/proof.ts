import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { packName } from './layout.ts';
import { ObjectReader } from './object-reader.ts';
import { checkPack, endOfPack, indexPack } from './pack-check.ts';
import { fetchIndex, findIndex } from './packs.ts';
import type { Repository } from './repository.ts';

/** What must be known before a pack is deleted. */

/**
 * Every commit of the history lies in a listed pack: a list that lost some of its lines is found out. False when there is
 * no history by which to judge. Throws STORE_DAMAGED.
 */
export async function isComplete(repository: Repository): Promise<boolean> {
  const head = await repository.head();
  for (let at = head; at !== undefined;) at = await repository.parent(at);
  return head !== undefined;
}

/** A merged pack holds, object by object, before the packs it stands for go. Throws STORE_DAMAGED. */
export async function proveWhole(store: BlobStore, name: string): Promise<void> {
  if (await checkPack(store, name, await fetchIndex(store, name))) return;
  throw new BackupError('STORE_DAMAGED', `${packName(name)} is damaged; the packs that it was merged from were kept.`, {
    hint: 'Run `ago-backup repair`.',
  });
}

/**
 * May somebody need a pack that no list names? What a killed run left holds a commit that was never published, or nothing
 * that the listed packs lack. A person's git names packs after their own checksum, and a push lists none: such a pack may
 * hold the only copy of somebody's commits. Call it once `isComplete` has passed.
 * @param listed names of the listed packs
 */
export async function isNeeded(store: BlobStore, listed: readonly string[], name: string): Promise<boolean> {
  if ((await endOfPack(store, name)) === name) return true;
  let holdsCommit = false;
  const oids: string[] = [];
  const made = await indexPack(store, name, (oid, object) => {
    oids.push(oid);
    if (typeof object !== 'string' && object.type === 'commit') holdsCommit = true;
  });
  // An index whose pack is gone, or half of nothing: there is no object in it.
  if (made === undefined)
    return (await findIndex(store, name)) !== undefined && (await store.stat(packName(name))) !== undefined;
  // All commits of the history are in listed packs, so this one was never published, or once more.
  if (holdsCommit) return false;
  const reader = new ObjectReader(store, listed);
  for (const oid of oids) if (!(await reader.has(oid))) return true;
  return false;
}
