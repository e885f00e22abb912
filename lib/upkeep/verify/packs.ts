import { createHash } from 'node:crypto';
import { numberOf } from '../../backup/report.ts';
import {
  allPacks,
  branch,
  infoPacks,
  infoRefs,
  indexOfPack,
  isCommitId,
  packName,
  readPacks,
  withBranch,
} from '../../git/layout.ts';
import { encodeIndex } from '../../git/pack/index-builder.ts';
import { checkPack, checkPackInParts, endOfPack, indexPack, type Checked } from '../../git/pack/pack-check.ts';
import { PackIndex } from '../../git/pack/pack-index.ts';
import { findIndex } from '../../git/pack/packs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { hasBit, newBits, setBit } from './bits.ts';
import { damage, notice, type Finding } from './finding.ts';
import { mayNameLarge } from './objects.ts';
import type { PackEtags, ReadPack, State } from './state.ts';
import type { Turn } from './turn.ts';
import type { Work } from './work.ts';

/** The packs there are. */
export interface FoundPacks {
  /** by objects/info/packs, newest first */
  listed: string[];
  /** beside those */
  unlisted: string[];
  /** bytes of each that is there */
  sizes: Map<string, number>;
}

/** The packs that objects/info/packs lists, newest first, and those that lie beside them. */
export async function findPacks(store: BlobStore): Promise<FoundPacks> {
  const listed = readPacks((await store.get(infoPacks))?.bytes.toString() ?? '');
  const known = new Set(listed);
  const unlisted = new Set<string>();
  const sizes = new Map<string, number>();
  for await (const { name, size } of store.list(allPacks)) {
    const found = /pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(name)?.[1];
    if (found === undefined) continue;
    if (name.endsWith('.pack')) sizes.set(found, size);
    if (!known.has(found)) unlisted.add(found);
  }
  return { listed, unlisted: [...unlisted], sizes };
}

/** Those of which the repository consists: all, where the list is lost. */
export function packsToRead({ listed, unlisted }: FoundPacks): { inUse: string[]; beside: string[] } {
  return listed.length > 0 ? { inUse: listed, beside: unlisted } : { inUse: unlisted, beside: [] };
}

/**
 * Reads every pack that is in use, object by object; what it finds of the objects goes into the catalog. Then those that lie beside them.
 * Those that come meanwhile are read as well.
 */
export async function verifyPacks(work: Work, turn: Turn): Promise<void> {
  const { state } = work;
  for (;;) {
    const found = await findPacks(work.store);
    const { inUse, beside } = packsToRead(found);
    const isRead = (name: string) => state.packs.some((pack) => pack.name === name);
    const toRead = inUse.filter((name) => !isRead(name));
    const toLookAt = beside.filter((name) => !state.unlisted.has(name) && !isRead(name));
    if (toRead.length + toLookAt.length === 0) break;
    const watch = watcher([...inUse, ...beside], toRead.concat(toLookAt), found, turn);
    for (const name of toRead) if (!(await readPack(work, name, watch(name))) || turn.isOver()) return;
    for (const name of toLookAt) if (!(await lookAt(work, name, watch(name))) || turn.isOver()) return;
  }
  state.arePacksRead = true;
}

/** One pack as it is read, in a turn that hears how far. */
interface Watched {
  turn: Turn;
  size: number;
  /** Says which share of it is done. */
  tell: (share: number) => void;
}

function watcher(all: readonly string[], left: readonly string[], { sizes }: FoundPacks, turn: Turn) {
  const sizeOf = (names: readonly string[]) => names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const total = sizeOf(all);
  let rest = sizeOf(left);
  return (name: string): Watched => {
    const size = sizes.get(name) ?? 0;
    const before = total - rest;
    rest -= size;
    const tell = (share: number) =>
      turn.tell({ phase: 'packs', done: Math.round(before + share * size), total, unit: 'bytes' });
    tell(0);
    return { turn, size, tell };
  };
}

/** What they are called by the store; null for what is not there. */
export async function etagsOf(store: BlobStore, name: string): Promise<PackEtags> {
  const [pack, index] = await Promise.all([store.stat(packName(name)), store.stat(indexOfPack(name))]);
  return [pack?.etag ?? null, index?.etag ?? null];
}

/** False when the turn was over before. */
async function readPack(work: Work, name: string, watched: Watched): Promise<boolean> {
  const { store, state, catalog } = work;
  const etags = await etagsOf(store, name);
  const add = (findings: Finding[], read: Partial<ReadPack> = {}, index?: PackIndex) => {
    const count = index?.count ?? 0;
    const none = { sound: newBits(0), naming: newBits(0) };
    const pack = { name, etags, findings, count, ...none, met: newBits(count), metInItem: newBits(count), ...read };
    state.packs.push(pack);
    if (index !== undefined) catalog.add(pack, index);
    return true;
  };
  const index = await findIndex(store, name);
  const end = await endOfPack(store, name);
  if (end === undefined) {
    const loss = { object: name, state: 'missing' };
    return add([damage(`${packName(name)} is missing or empty.`, { mend: { do: 'list' }, loss })]);
  }
  if (index?.packChecksum !== end) {
    const made = await makeIndex(work, name);
    if (made !== undefined) {
      const how = index === undefined ? 'is missing or damaged' : 'belongs to another pack';
      const finding = damage(`${indexOfPack(name)} ${how}.`, { mend: { do: 'index', pack: name } });
      return add([finding], made.read, made.index);
    }
    if (index === undefined) return add([withoutIndex(name)]);
  }
  const read = await readObjects(work, name, { etags, index, watched, isInUse: true });
  if (read === undefined) return false;
  const { sound, naming } = read;
  return add(read.holds ? [] : [spoiledPack(name, index, read.held)], { sound, naming }, index);
}

function withoutIndex(name: string): Finding {
  return damage(`${indexOfPack(name)} is missing or damaged, and cannot be made from its pack.`, {
    cure: `Run \`ago-backup repair\`: it packs anew what is still readable. If a person's git made the pack, run \`git index-pack ${packName(name)}\` in a copy of the store and put the index back; else copy both from another copy or, in Azure, promote their last good versions.`,
    mend: { do: 'list' },
  });
}

/** The index that a whole pack must have, and what is known of its objects then. It is read at once, whatever its size: that it has none is damage. */
async function makeIndex({ store, objects }: Work, name: string) {
  const named: string[] = [];
  const found = await indexPack(store, name, (oid, object) => {
    if (typeof object !== 'string') objects.hold(oid, object);
    if (isNaming(object)) named.push(oid);
  });
  if (found === undefined) return undefined;
  const bytes = encodeIndex(found.entries, found.checksum);
  const index = PackIndex.read(bytes);
  if (index === undefined) return undefined;
  const naming = newBits(index.count);
  for (const oid of named) setBit(naming, index.position(Buffer.from(oid, 'hex')) ?? 0);
  return { index, read: { sound: newBits(index.count).fill(0xff), naming, index: bytes } };
}

function isNaming(object: Checked['object']): boolean {
  return typeof object !== 'string' && object.type === 'blob' && mayNameLarge(object.bytes);
}

/** Which of a pack's objects are sound; undefined when the turn was over before. */
async function readObjects(
  { store, state, objects, largePack }: Work,
  name: string,
  { etags, index, watched, isInUse }: { etags: PackEtags; index: PackIndex; watched: Watched; isInUse: boolean },
) {
  const { turn, size, tell } = watched;
  const bitsOf = () => ({ sound: newBits(index.count), naming: newBits(index.count), held: newBits(index.count) });
  const before = state.reading?.name === name && isSame(state.reading.etags, etags) ? state.reading : undefined;
  const { sound, naming, held } = before ?? bitsOf();
  let done = before?.at.entries ?? 0;
  const visit = (oid: string, object: Checked['object'], place = 0) => {
    if (object !== 'damaged') setBit(held, place);
    // Deltas are read when something names them: what they build on may lie in another pack.
    if (typeof object !== 'string') setBit(sound, place);
    if (typeof object !== 'string' && isInUse) objects.hold(oid, object);
    if (isNaming(object)) setBit(naming, place);
    done += 1;
    if (done % 1024 === 0) tell(done / index.count);
  };
  const holds =
    size < largePack
      ? await checkPack(store, name, index, visit)
      : await checkPackInParts(store, name, index, visit, { from: before?.at, isOver: turn.isOver });
  if (typeof holds === 'object') {
    state.reading = { name, etags, at: holds, sound, naming, held };
    return undefined;
  }
  state.reading = null;
  return { holds: holds === true, sound, naming, held };
}

/** Are these the same blobs? */
export function isSame(one: PackEtags, other: PackEtags): boolean {
  return one.every((etag, n) => etag === other[n]);
}

function spoiledPack(name: string, index: PackIndex, held: Uint8Array): Finding {
  let lost = 0;
  // Which objects it has lost, in the order of their ids; those that a commit needs are findings of their own.
  const hash = createHash('sha256');
  for (let place = 0; place < index.count; place++)
    if (!hasBit(held, place)) hash.update(`${lost++ === 0 ? '' : ','}${index.oidAt(place)}`);
  const what =
    lost === 0
      ? 'its checksum does not hold'
      : `${lost} of its ${numberOf(index.count, 'object')} ${lost === 1 ? 'does' : 'do'} not hold`;
  const loss = lost === 0 ? undefined : { object: name, state: `without ${hash.digest('hex')}` };
  return damage(`${packName(name)} is damaged: ${what}.`, { mend: { do: 'list' }, loss });
}

/** A pack that is in no list; false when the turn was over before. */
async function lookAt(work: Work, name: string, watched: Watched): Promise<boolean> {
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

/** What was found of the packs, in the order in which they were read. */
export function packFindings({ packs, unlisted }: State, found: FoundPacks): Finding[] {
  const isListLost = found.listed.length === 0 && found.unlisted.length > 0;
  const lost = `${infoPacks} lists no pack, though ${found.unlisted.length} are there.`;
  return [
    ...(isListLost ? [damage(lost, { mend: { do: 'list' } })] : []),
    ...packs.flatMap(({ findings }) => findings),
    ...[...unlisted].map(([name, { isSpoiled: isBad }]) => unlistedNotice(name, isBad)),
  ];
}

function unlistedNotice(name: string, isBad: boolean): Finding {
  const text = `${packName(name)} is in no list`;
  if (isBad)
    return notice(`${text}, and damaged: git on a disk stumbles over it.`, 'Run `ago-backup repair`.', { do: 'list' });
  return notice(
    `${text}; it is what a killed run or a merge left.`,
    'Nothing to do: it is deleted after 14 days, unless somebody pushed it.',
  );
}

/** What git over plain HTTP reads agrees with the branch. */
export async function* verifyRefs(store: BlobStore): AsyncGenerator<Finding> {
  const commit = (await store.get(branch))?.bytes.toString().trim() ?? '';
  if (!isCommitId(commit)) return;
  const told = await store.get(infoRefs);
  const right = withBranch(told?.bytes.toString() ?? '', commit);
  if (told?.bytes.toString() !== right)
    yield notice(`${infoRefs} does not tell where the branch is.`, 'Nothing to do: the next run puts it right.', {
      do: 'write',
      name: infoRefs,
      text: right,
      etag: told?.etag ?? null,
    });
}
