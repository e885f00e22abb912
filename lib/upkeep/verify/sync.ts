import { readBranch } from '../../git/branch.ts';
import { isCommitId } from '../../git/layout.ts';
import { forgetNames } from './large.ts';
import type { Objects } from './objects.ts';
import { etagsOf, findPacks, isSame, packsToRead } from './found-packs.ts';
import { newItems, newWalk, type Found, type PackEtags, type ReadPack } from './state.ts';
import type { Work } from './work.ts';

/**
 * Sees what has changed in the archive since the last part, and forgets what does not hold any more: packs that came are to be read;
 * those that are listed no more count no more; what was written anew under its name is read anew. The history is walked again where packs
 * are gone or changed, where the branch leads elsewhere, and where packs came that may have what was missing.
 * @returns is there something to do again?
 */
export async function syncState(work: Work): Promise<boolean> {
  const { state } = work;
  const packs = await syncPacks(work);
  const head = await newHead(work);
  const isMissing = hasFound(state.walk.found) || hasFound(state.items.found);
  const mustWalk = packs === 'gone' || head !== undefined || (packs === 'came' && isMissing);
  if (packs !== 'same') state.arePacksRead = false;
  if (mustWalk) walkAgain(work, head ?? state.head);
  return packs !== 'same' || mustWalk;
}

/** The walk of the history begins once more, with this commit. */
function walkAgain({ state, catalog }: Pick<Work, 'state' | 'catalog'>, head: string | null): void {
  catalog.forget();
  forgetNames(state.large);
  Object.assign(state, { head, walk: newWalk(head), items: newItems(), isIndexRead: false });
}

/** Of packs that were read, the indexes cannot be had any more: all of them are read again. */
export function readAgain({ state, catalog }: Pick<Work, 'state' | 'catalog'>): void {
  Object.assign(state, { packs: [], reading: null, arePacksRead: false });
  walkAgain({ state, catalog }, state.head);
}

async function syncPacks({ store, state, catalog }: Work): Promise<'same' | 'came' | 'gone'> {
  const { inUse, beside } = packsToRead(await findPacks(store));
  const [used, unused] = [new Set(inUse), new Set(beside)];
  const isAsRead = async (name: string, { etags }: { etags: PackEtags }) => isSame(etags, await etagsOf(store, name));
  for (const [name, found] of state.unlisted)
    if (!unused.has(name) || !(await isAsRead(name, found))) state.unlisted.delete(name);
  const stay: ReadPack[] = [];
  for (const pack of state.packs) {
    const isThere = await isAsRead(pack.name, pack);
    if (isThere && used.has(pack.name)) stay.push(pack);
    // What a merge has replaced was read already.
    else if (isThere && unused.has(pack.name) && pack.findings.length === 0)
      state.unlisted.set(pack.name, { etags: pack.etags, isSpoiled: false });
  }
  const isGone = stay.length < state.packs.length;
  state.packs = stay;
  catalog.keep(stay);
  const isNew = (name: string) => !state.unlisted.has(name) && !stay.some((pack) => pack.name === name);
  if (isGone) return 'gone';
  return [...inUse, ...beside].some(isNew) ? 'came' : 'same';
}

/** Where the branch leads, if the commit that is verified is not there, nor before it, any more: others may go then. */
async function newHead({ store, state, objects }: Work): Promise<string | undefined> {
  const told = (await readBranch(store))?.commit;
  if (told === undefined || !isCommitId(told) || told === state.head) return undefined;
  return state.head !== null && (await leadsTo(objects, told, state.head)) ? undefined : told;
}

async function leadsTo(objects: Objects, from: string, to: string): Promise<boolean> {
  const met = new Set([from]);
  for (const oid of met) {
    if (oid === to) return true;
    for (const parent of (await objects.commit(oid))?.parents ?? []) met.add(parent);
  }
  return false;
}

function hasFound({ findings, accepted, more }: Found): boolean {
  return findings.length + accepted.length + more > 0;
}
