import type { Large } from '../../archive/lfs.ts';
import { allLarge, largeName } from '../../archive/layout.ts';
import { hashOf } from '../../archive/sha256.ts';
import { largeAside } from '../set-aside.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { damage, notice, type Finding, type RepairStep } from './finding.ts';

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
  /** objects that no commit names: what killed runs left, and what the next run may use. They are never deleted. */
  orphans: { count: number; bytes: number };
}

/**
 * Every Git LFS object that a commit names is there in its length; a share of all that are there is read and hashed.
 * @param current ids of the items of the latest commit that need an object, by its SHA-256
 */
export async function* verifyLarge(
  store: BlobStore,
  named: ReadonlyMap<string, Large & { where: string }>,
  current: ReadonlyMap<string, string>,
  share: Share,
  met: LargeRead,
): AsyncGenerator<Finding> {
  const there = await sizesOf(store);
  /** what is wrong with an object, in a sentence and exactly */
  const wrong = new Map<string, { what: string; state: string }>();
  for (const [sha256, { size, where }] of named) {
    const found = there.get(sha256);
    const add = (how: string, state: string) =>
      wrong.set(sha256, { what: `The Git LFS object ${sha256} ${how} (${where}).`, state });
    if (found === undefined) add('is missing', 'missing');
    else if (found !== size) add(`has ${found} bytes instead of ${size}`, `${found} bytes`);
  }
  /** damaged, and named by no commit that can be read */
  const unnamed: string[] = [];
  /** blobs by what they are, where that is not what their names say */
  const misplaced = new Map<string, string>();
  for (const [sha256, size] of there) {
    const where = named.get(sha256)?.where;
    if (where === undefined) {
      met.orphans.count += 1;
      met.orphans.bytes += size;
    }
    if (!isIn(share, sha256)) continue;
    met.read += 1;
    met.readBytes += size;
    const is = (await hashOf(store, largeName(sha256))) ?? '';
    if (is === sha256) continue;
    misplaced.set(is, largeName(sha256));
    if (where === undefined) unnamed.push(sha256);
    else if (!wrong.has(sha256))
      wrong.set(sha256, { what: `The Git LFS object ${sha256} is damaged (${where}).`, state: `is ${is}` });
  }
  if (wrong.size + unnamed.length > 0) for (const [is, blob] of await largeAside(store)) misplaced.set(is, blob);
  for (const sha256 of unnamed) yield unnamedNotice(sha256, misplaced.get(sha256));
  for (const [sha256, { what, state }] of wrong) {
    const mend = mendOf(sha256, misplaced.get(sha256), current.get(sha256));
    yield damage(what, mend === undefined ? { loss: { object: sha256, state } } : { mend });
  }
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

/** Bytes of every Git LFS object, by its SHA-256. */
async function sizesOf(store: BlobStore): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, size } of store.list(allLarge)) {
    const sha256 = name.slice(name.lastIndexOf('/') + 1);
    if (name === largeName(sha256)) sizes.set(sha256, size);
  }
  return sizes;
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
