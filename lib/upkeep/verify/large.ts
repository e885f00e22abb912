import type { Large } from '../../archive/lfs.ts';
import { largeName } from '../../archive/layout.ts';
import { hashOf } from '../../archive/sha256.ts';
import { largeAside } from '../set-aside.ts';
import { hasBit, newBits, setBit } from './bits.ts';
import { damage, notice, type Finding, type RepairStep } from './finding.ts';
import { LargeList } from './large-list.ts';
import type { LargeState } from './state.ts';
import type { Turn } from './turn.ts';
import type { Work } from './work.ts';

/** Which share of the Git LFS objects is read whole: those whose hash falls into it. */
export interface Share {
  /** 0 to 1 */
  from: number;
  /** 0 to 1; everything when from is 0 and to is 1 */
  to: number;
}

/** What looking at the Git LFS objects met. */
export interface LargeRead {
  /** read whole and hashed */
  read: number;
  /** bytes of those */
  readBytes: number;
  /** objects that no commit names: what killed runs left, and what the next run may use. They stay, unless BACKUP_KEEP is set. */
  orphans: { count: number; bytes: number };
}

/** Wrong objects of which more is kept than their number. */
const mostWrong = 1000;

/**
 * Reads and hashes a share of all Git LFS objects that are there. Each is read at once: it was also fetched, hashed and proved by one
 * activity.
 */
export async function readLarge({ store, state }: Work, turn: Turn): Promise<void> {
  const { large, share } = state;
  if (large.list === null) {
    const { bytes, count } = await LargeList.read(store);
    large.list = bytes;
    large.named = newBits(count);
  }
  const list = new LargeList(large.list);
  const total = bytesOf(list, state.share);
  while (large.looked < list.count) {
    const { sha256, size } = list.at(large.looked);
    large.looked += 1;
    if (!isIn(share, sha256)) continue;
    turn.tell({ phase: 'large files', done: large.readBytes, total, unit: 'bytes' });
    large.read += 1;
    large.readBytes += size;
    const is = (await hashOf(store, largeName(sha256))) ?? '';
    if (is !== sha256) large.spoiled.set(sha256, is);
    if (turn.isOver()) return;
  }
}

/** Was all of the share read? */
export function isLargeRead({ list, looked }: LargeState): boolean {
  return list !== null && looked >= new LargeList(list).count;
}

function bytesOf(list: LargeList, share: Share): number {
  let total = 0;
  for (let place = 0; place < list.count; place++) {
    const { sha256, size } = list.at(place);
    if (isIn(share, sha256)) total += size;
  }
  return total;
}

/** A commit names an object: it must be there, in its length, and, if it was read, be what its name says. */
export async function nameLarge({ store, state, acceptances }: Work, large: Large, where: string): Promise<void> {
  const { sha256, size } = large;
  const met = state.large;
  const list = new LargeList(met.list ?? Buffer.alloc(0));
  const place = list.find(sha256);
  if (place === undefined ? met.namedElsewhere.has(sha256) : !setBit(met.named, place)) return;
  if (place === undefined) met.namedElsewhere.add(sha256);
  // One that a run has stored since is in no list, and where it should be.
  const there = place === undefined ? (await store.stat(largeName(sha256)))?.size : list.at(place).size;
  if (there === size && !met.spoiled.has(sha256)) return;
  if (met.wrong.size < mostWrong || acceptances.accepted.has(sha256)) met.wrong.set(sha256, { size, where });
  else met.more += 1;
}

/** Forgets what the walk of the history has named: it begins anew. */
export function forgetNames(large: LargeState): void {
  large.named.fill(0);
  large.namedElsewhere.clear();
  large.wrong.clear();
  large.current.clear();
  large.more = 0;
}

/** What is wrong with the Git LFS objects; each is looked at once more, for it may have been put right since. */
export async function largeFindings({ store, state }: Work): Promise<{ findings: Finding[]; more: number }> {
  const { large } = state;
  /** blobs by what they are, where that is not what their names say */
  const misplaced = new Map([...large.spoiled].map(([sha256, is]) => [is, largeName(sha256)]));
  const unnamed = [...large.spoiled.keys()].filter((sha256) => !isNamed(large, sha256));
  if (large.wrong.size + unnamed.length > 0) for (const [is, blob] of await largeAside(store)) misplaced.set(is, blob);
  const findings: Finding[] = [];
  for (const sha256 of unnamed)
    if (![undefined, sha256].includes(await hashOf(store, largeName(sha256))))
      findings.push(unnamedNotice(sha256, misplaced.get(sha256)));
  for (const [sha256, { size, where }] of large.wrong) {
    const wrong = await wrongNow(store, sha256, size);
    if (wrong === undefined) continue;
    const mend = mendOf(sha256, misplaced.get(sha256), large.current.get(sha256));
    const loss = { object: sha256, state: wrong.state };
    findings.push(
      damage(`The Git LFS object ${sha256} ${wrong.how} (${where}).`, mend === undefined ? { loss } : { mend }),
    );
  }
  return { findings, more: large.more };
}

/** How it is wrong, for people and exactly; undefined when it is right. */
async function wrongNow(store: Work['store'], sha256: string, size: number) {
  const there = (await store.stat(largeName(sha256)))?.size;
  if (there === undefined) return { how: 'is missing', state: 'missing' };
  if (there !== size) return { how: `has ${there} bytes instead of ${size}`, state: `${there} bytes` };
  const is = await hashOf(store, largeName(sha256));
  return is === sha256 ? undefined : { how: 'is damaged', state: `is ${is ?? ''}` };
}

function isNamed({ list, named }: LargeState, sha256: string): boolean {
  const place = new LargeList(list ?? Buffer.alloc(0)).find(sha256);
  return place !== undefined && hasBit(named, place);
}

/** What the look at the Git LFS objects came to. */
export function largeRead({ list, named, read, readBytes, spoiled }: LargeState): LargeRead {
  const all = new LargeList(list ?? Buffer.alloc(0));
  const orphans = { count: 0, bytes: 0 };
  for (let place = 0; place < all.count; place++) {
    const { sha256, size } = all.at(place);
    if (hasBit(named, place) || spoiled.get(sha256) === '') continue;
    orphans.count += 1;
    orphans.bytes += size;
  }
  return { read, readBytes, orphans };
}

/** Damage may hide the commit that names it; so it is put back where its bytes are. */
function unnamedNotice(sha256: string, from: string | undefined): Finding {
  const what = `The Git LFS object ${sha256} is damaged, and no commit names it.`;
  if (from === undefined) return notice(what, 'Nothing to do: a run that needs it puts it there anew.');
  return notice(what, 'Run `ago-backup repair`: its bytes lie under another name.', { do: 'large', sha256, from });
}

/** Is the object read whole? */
export function isIn({ from, to }: Share, sha256: string): boolean {
  const place = Number.parseInt(sha256.slice(0, 8), 16) / 0x1_0000_0000;
  return place >= from && place < to;
}

function mendOf(sha256: string, from: string | undefined, itemId: string | undefined): RepairStep | undefined {
  if (from !== undefined) return { do: 'large', sha256, from };
  return itemId === undefined ? undefined : { do: 'fetch', itemId, instead: largeName(sha256) };
}

/** The share of a night: so many percent, another part each time, so that all is read in turn. */
export function shareOf(percent: number, turn: number): Share {
  if (percent >= 100) return { from: 0, to: 1 };
  if (percent <= 0) return { from: 0, to: 0 };
  const turns = Math.max(1, Math.round(100 / Math.max(percent, 0.1)));
  const now = turn % turns;
  return { from: now / turns, to: (now + 1) / turns };
}
