import { indexOfPack, packName } from '../../git/layout.ts';
import { checkPack, endOfPack } from '../../git/pack/pack-check.ts';
import type { PackIndex } from '../../git/pack/pack-index.ts';
import { findIndex } from '../../git/pack/packs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { notice, type Finding } from './finding.ts';
import { etagsOf } from './found-packs.ts';
import { readObjects, type Watched } from './read-pack.ts';
import type { Work } from './work.ts';

/** Reads a pack that is in no list; false when the turn was over before. */
export async function lookAt(work: Work, name: string, watched: Watched): Promise<boolean> {
  const { store, state } = work;
  const etags = await etagsOf(store, name);
  const index = await findIndex(store, name);
  let isBad = await isMisfit(store, name, index);
  if (index !== undefined && !isBad) {
    const read = await readObjects(work, name, { etags, index, watched, isInUse: false });
    if (read === undefined) return false;
    isBad = !read.holds;
  }
  state.unlisted.set(name, { etags, isSpoiled: isBad });
  return true;
}

/** Has it an index that it does not fit, or that is none? A pack without one may be that of a run that is just publishing. */
export async function isSpoiled(store: BlobStore, name: string, index: PackIndex | undefined): Promise<boolean> {
  if (await isMisfit(store, name, index)) return true;
  return index !== undefined && (await checkPack(store, name, index)) !== true;
}

async function isMisfit(store: BlobStore, name: string, index: PackIndex | undefined): Promise<boolean> {
  if (index === undefined) return (await store.stat(indexOfPack(name))) !== undefined;
  return (await endOfPack(store, name)) !== index.packChecksum;
}

/** A pack that is in no list, as a person hears of it. */
export function unlistedNotice(name: string, isBad: boolean): Finding {
  const text = `${packName(name)} is in no list`;
  if (isBad)
    return notice(`${text}, and damaged: git on a disk stumbles over it.`, 'Run `ago-backup repair`.', { do: 'list' });
  return notice(
    `${text}; it is what a killed run or a merge left.`,
    'Nothing to do: it is deleted after 14 days, unless somebody pushed it.',
  );
}
