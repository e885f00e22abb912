import { jsonIn } from '../../backup/json.ts';
import { isCode } from '../../errors.ts';
import { listedPacks } from '../../git/pack/pack-list.ts';
import { Packs } from '../../git/pack/packs.ts';
import { reach, readNames, tableReader } from '../../git/reachable.ts';
import { readReleases } from '../retain/releases.ts';
import type { BlobInfo, BlobStore } from '../../storage/blob-store.ts';
import { allPacks } from '../../git/layout.ts';
import { allRetired, allSetAside } from '../../archive/layout.ts';
import { endOfPack } from '../../git/pack/pack-check.ts';
import { isComplete, proveWhole } from './safe-to-delete.ts';
import type { Repository } from '../../archive/repository.ts';
import { findRemains, findWhole, type PackPlace } from '../salvage.ts';
import { readPackBlob, readSetAside } from '../set-aside.ts';

/** A pack that no list names, with its index. */
export interface DeadPack extends PackPlace {
  blobs: BlobInfo[];
  /** which of its objects, by id, must be elsewhere before it goes; all, where nothing was let go */
  isNeeded?: (oid: string) => boolean;
}

/** What may go once it has been proved that nothing of it is needed. */
export interface DeadPacks {
  /** names of the packs that the repository consists of */
  listed: string[];
  packs: DeadPack[];
  /** of merges whose old packs are among these */
  notes: BlobInfo[];
}

const noPacks: DeadPacks = { listed: [], packs: [], notes: [] };

/**
 * Packs that are not listed, and those that a repair has set aside, all of whose blobs are older than `before`. A person's
 * git names packs after their own checksum, and a push lists none: such a pack may hold the only copy of somebody's commits,
 * and stays. Throws STORE_DAMAGED when the list of packs or a merged pack does not hold: then nothing may go.
 * @param before epoch ms
 * @param letsGo may what was thinned out go? If not, what was replaced stays, with the notes of it
 */
export async function findDeadPacks(
  store: BlobStore,
  repository: Repository,
  before: number,
  letsGo: boolean,
): Promise<DeadPacks> {
  const listed = await listedPacks(store);
  const retired = await readRetired(store, before);
  const packs: DeadPack[] = [];
  for (const pack of await unlisted(store, new Set(listed))) {
    if (pack.blobs.some(({ modified }) => modified >= before)) continue;
    if (pack.prefix === '' && !(retired.longAgo.has(pack.name) || (await mayGo(store, retired, pack.name)))) continue;
    packs.push(pack);
  }
  // The list is what a pack's life hangs on, so it must have proved itself before anything goes.
  if (packs.length + retired.notes.length === 0 || !(await isComplete(repository))) return noPacks;
  for (const { pack } of retired.notes) if (listed.includes(pack)) await proveWhole(store, pack);
  const notes = retired.notes.map(({ blob }) => blob);
  if (retired.thinned.size === 0) return { listed, packs, notes };
  // What was let go lies in no listed pack, also of packs that were merged before: they go together, when it is 14 days ago.
  const others = packs.filter(({ name }) => !retired.longAgo.has(name));
  const isNeeded = letsGo && !retired.thinned.has('lately') ? await findNeeded(store, listed) : undefined;
  if (isNeeded === undefined) return { listed, packs: others, notes: [] };
  return { listed, packs: packs.map((pack) => (others.includes(pack) ? pack : { ...pack, isNeeded })), notes };
}

/** What any name leads to, or a commit at which the branch was lately; undefined when it cannot be followed: then all stays. */
async function findNeeded(store: BlobStore, listed: readonly string[]) {
  try {
    const table = await new Packs(store, listed).table();
    const roots = [...(await readNames(store)).values(), ...(await readReleases(store)).map(({ from }) => from)];
    const found = await reach(tableReader(store, table), table, roots);
    return (oid: string) => found.has(oid);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** Those of which every object that can be read was found whole in listed packs. */
export async function provenDead(store: BlobStore, { listed, packs }: DeadPacks): Promise<DeadPack[]> {
  const remains = await Promise.all(packs.map(async (pack) => ({ pack, ...(await findRemains(store, [pack])) })));
  const needed = remains.map(({ pack: { isNeeded = () => true }, oids }) => [...oids].filter(isNeeded));
  const whole = await findWhole(store, listed, new Set(needed.flat()));
  return remains
    .filter(({ unknown }, n) => unknown.length === 0 && needed[n]?.every((oid) => whole.has(oid)) === true)
    .map(({ pack }) => pack);
}

async function mayGo(store: BlobStore, { lately, isKnown }: Retired, name: string): Promise<boolean> {
  return isKnown && !lately.has(name) && (await endOfPack(store, name)) !== name;
}

/** Each pack with its blobs, the index first: git passes over a pack without one, and stumbles over the reverse. */
async function unlisted(store: BlobStore, listed: ReadonlySet<string>): Promise<DeadPack[]> {
  const packs = new Map<string, DeadPack>();
  for (const from of [allPacks, allSetAside]) {
    for await (const blob of store.list(from)) {
      const { own, prefix } = readSetAside(blob.name);
      const name = readPackBlob(own);
      if (name === undefined || (prefix === '' && listed.has(name))) continue;
      const pack = packs.get(prefix + name) ?? { name, prefix, blobs: [] };
      // `.idx` sorts before `.pack`.
      pack.blobs.push(blob);
      packs.set(prefix + name, pack);
    }
  }
  return [...packs.values()];
}

interface Retired {
  /** packs that a merge has replaced lately: they are spared */
  lately: Set<string>;
  longAgo: Set<string>;
  /** false when nobody knows what a merge has replaced lately */
  isKnown: boolean;
  /** when anything was let go */
  thinned: Set<'lately' | 'long ago'>;
  /** of long ago; `pack` stands for what was replaced */
  notes: { pack: string; blob: BlobInfo }[];
}

/** What merges have replaced. */
async function readRetired(store: BlobStore, before: number): Promise<Retired> {
  const retired: Retired = { lately: new Set(), longAgo: new Set(), isKnown: true, thinned: new Set(), notes: [] };
  for await (const blob of store.list(allRetired)) {
    const note = readNote((await store.get(blob.name))?.bytes ?? Buffer.from('[]'));
    const isOld = blob.modified < before;
    if (note === undefined && !isOld) retired.isKnown = false;
    if (note?.isThinned === true) retired.thinned.add(isOld ? 'long ago' : 'lately');
    for (const pack of note?.packs ?? []) (isOld ? retired.longAgo : retired.lately).add(pack);
    if (isOld) retired.notes.push({ pack: blob.name.slice(allRetired.length, -'.json'.length), blob });
  }
  return retired;
}

/** What a merge has noted down, or who let go: names of packs, and whether some of their objects went; undefined when it is damaged. */
export function readNote(bytes: Buffer): { packs: string[]; isThinned: boolean } | undefined {
  const note = jsonIn(bytes.toString());
  const { packs, thinned } = (Array.isArray(note) ? { packs: note } : (note ?? {})) as Record<string, unknown>;
  if (!Array.isArray(packs)) return undefined;
  return { packs: packs.filter((pack) => typeof pack === 'string'), isThinned: thinned === true };
}
