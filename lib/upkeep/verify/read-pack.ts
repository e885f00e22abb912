import { createHash } from 'node:crypto';
import { numberOf } from '../../backup/words.ts';
import { indexOfPack, packName } from '../../git/layout.ts';
import { encodeIndex } from '../../git/pack/index-builder.ts';
import { checkPack, checkPackInParts, endOfPack, indexPack, type Checked } from '../../git/pack/pack-check.ts';
import { PackIndex } from '../../git/pack/pack-index.ts';
import { findIndex } from '../../git/pack/packs.ts';
import { hasBit, newBits, setBit } from './bits.ts';
import { damage, type Finding } from './finding.ts';
import { etagsOf, isSame } from './found-packs.ts';
import { mayNameLarge } from './objects.ts';
import type { PackEtags, ReadPack } from './state.ts';
import type { Turn } from './turn.ts';
import type { Work } from './work.ts';

/** One pack as it is read, in a turn that hears how far. */
export interface Watched {
  turn: Turn;
  size: number;
  /** Says which share of it is done. */
  tell: (share: number) => void;
}

/** Reads a pack that is in use; false when the turn was over before. */
export async function readPack(work: Work, name: string, watched: Watched): Promise<boolean> {
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
export async function readObjects(
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
