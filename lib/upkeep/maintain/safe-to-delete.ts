import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { packName } from '../../git/layout.ts';
import { largeName } from '../../archive/layout.ts';
import { hashOf } from '../../archive/sha256.ts';
import { checkPack } from '../../git/pack/pack-check.ts';
import { fetchIndex } from '../../git/pack/packs.ts';
import type { Repository } from '../../archive/repository.ts';

/** What must be known before anything is deleted. */

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
  throw new BackupError('STORE_DAMAGED', `${packName(name)} is damaged; the packs that it was merged from were kept.`);
}

/**
 * Is a Git LFS object needed no more that was set aside? It lies whole in its own place, or it is not what its name says and
 * nothing else that anybody knows.
 * @param blob where it lies now
 * @param sha256 what its name says
 */
export async function isLargeElsewhere(store: BlobStore, blob: string, sha256: string): Promise<boolean> {
  const is = await hashOf(store, blob);
  if (is === undefined || (await hashOf(store, largeName(is))) === is) return true;
  return is !== sha256;
}
