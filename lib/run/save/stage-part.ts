import type { Part, Role } from '../../backup/item.ts';
import { note, type Note } from '../../backup/notes.ts';
import { jsonForm } from '../../backup/files/json-form.ts';
import type { Form } from '../../backup/files/proof.ts';
import {
  hasTables,
  isNamedJson,
  isNamedZip,
  mayBeZip,
  signatureBytes,
  wrongSignature,
} from '../../backup/files/signatures.ts';
import { otherSize } from '../../arcgis/content/file-size.ts';
import { BackupError } from '../../errors.ts';
import { mayBePointer, pointer, storeLarge } from '../../archive/lfs.ts';
import { largeName } from '../../archive/layout.ts';
import { Redactor } from '../../arcgis/connection/redactor.ts';
import type { Deps } from '../deps.ts';
import { bounded, join, readUpTo } from './body.ts';
import { PassingZip } from './passing-zip.ts';
import { proveZip, type Listener } from './prove-zip.ts';
import { sha256 } from '../../archive/sha256.ts';

/** A part that lies in the store or in memory: what backup.json says of it, and the bytes that git keeps. */
export interface Taken {
  part: Part;
  /** the file, or its Git LFS pointer */
  bytes: Buffer;
  /** a secret of the session stood in it, and a mark took its place */
  isMarked: boolean;
  /** what is odd about it */
  note?: Note;
  /** does its own form show that nothing is missing? */
  isWhole?: boolean;
}

/** A body on its way in. */
export interface Body {
  body: AsyncIterable<Uint8Array>;
  /** bytes, when the portal said */
  size?: number | undefined;
  /** bytes, when the item's record or a list of the portal said: then so many it must have */
  listed?: number | undefined;
  /** bytes after which a body of unknown length is taken for endless; 4 GiB */
  most?: number;
  /** hears what a zip holds while it is proven; asked again when that begins anew */
  listen?: () => Listener;
}

/**
 * How many bytes of one item's parts may still lie in memory until the item is staged. What comes when it is used up becomes
 * a Git LFS object, whatever its size. Deps always come in one order, so the same item always gets the same objects.
 */
export interface Room {
  /** bytes */
  left: number;
}

/** What a step needs that takes in the parts of one item. */
export interface ItemDeps extends Deps {
  room: Room;
  redactor: Redactor;
  /** what the archive has of the item: a large part that is still the same is written nowhere */
  earlier: readonly Part[];
}

/** Bytes of small parts; most items have some thousand, a story with many pictures tens of millions. */
const mostTogether = 32 * 1024 * 1024;

/** The parts of a run, with room for one item. @param redactor of the portal's session @param earlier as in ItemDeps */
export function withRoom(deps: Deps, redactor = new Redactor(), earlier: readonly Part[] = []): ItemDeps {
  return { ...deps, redactor, earlier, room: { left: Math.max(mostTogether, deps.rules.lfsThreshold) } };
}

/** Counts a part that lies in memory, or in the tree of before. */
export function useRoom(room: Room, { lfs, size }: Part): void {
  if (!lfs) room.left = Math.max(0, room.left - size);
}

/** Above how many bytes the next part becomes a Git LFS object, if nothing is claimed of it. */
export function thresholdOf({ rules, room }: ItemDeps): number {
  return Math.min(rules.lfsThreshold, room.left);
}

/** What a part must be, besides what its name claims. */
export type Demand = 'zip' | 'geodatabase' | 'json';

/**
 * Takes in one part: up to the threshold in memory, above it streamed to a Git LFS object while it is hashed; holds it to its
 * lengths, and looks whether it is what it claims to be. A member's file that is not gets a note, everything else is damaged then; a text
 * that is the text of a pointer becomes a Git LFS object as well: what stands in git is then a pointer of ours, and git-lfs
 * fetches nothing on its word. Throws ITEM_DAMAGED, ITEM_TRUNCATED.
 * @param name decides the part's path once its first bytes are known (all of them for small parts)
 */
export async function stagePart(
  deps: ItemDeps,
  role: Role,
  { body, size, listed, most = listed ?? 4 * 1024 ** 3, listen }: Body,
  name: (head: Buffer, isWhole: boolean) => string,
  demand?: Demand,
): Promise<Taken> {
  const { room, rules, redactor } = deps;
  const isJudged = role === 'data' || role === 'thumbnail' || demand !== undefined;
  const threshold = Math.min(rules.lfsThreshold, Math.max(room.left, isJudged ? signatureBytes : 0));
  const { body: clean, isMarked } = redactor.watch(size === undefined ? bounded(body, most) : body);
  const { head, rest } = await readUpTo(clean, threshold);
  const path = name(head, rest === undefined);
  const isSmall = rest === undefined && !mayBePointer(head);
  const passing = !isSmall && isJudged && isZip(path, head, demand) ? new PassingZip(listen?.()) : undefined;
  const whole = join(head, rest);
  const taken = isSmall ? small(role, path, head) : await takeLarge(deps, role, path, passing?.pass(whole) ?? whole);
  if (size !== undefined && size !== taken.part.size) {
    throw new BackupError('ITEM_TRUNCATED', `${path} has ${taken.part.size} bytes instead of ${size}.`);
  }
  if (listed !== undefined && listed !== taken.part.size) throw otherSize(path, taken.part.size, listed);
  // Resources and attachments are what members and programs put there, under any name; they are kept as they came.
  const { odd, isWhole } = isJudged
    ? await formOf(deps, taken.part, head, { demand, listen, passed: passing?.entries })
    : { isWhole: false };
  if (odd !== undefined && !isSaved(role, size))
    throw new BackupError('ITEM_DAMAGED', `The file ${path} is damaged: ${odd}.`);
  useRoom(room, taken.part);
  return { ...taken, ...(odd !== undefined && { note: oddNote(path, odd) }), isWhole, isMarked: isMarked() };
}

/** Is an odd file saved with a note? Of data others decide; a thumbnail that has its Content-Length is what the portal has. */
function isSaved(role: Role, size: number | undefined): boolean {
  return role === 'data' || (role === 'thumbnail' && size !== undefined);
}

function oddNote(path: string, odd: string): Note {
  const text = `Saved as the portal has it, although it is not what its name says: ${path}: ${odd}.`;
  return note('ODD_CONTENT', text, path);
}

async function takeLarge(deps: ItemDeps, role: Role, path: string, body: AsyncIterable<Uint8Array>): Promise<Taken> {
  const { store, random, earlier } = deps;
  const like = earlier.find((part) => part.lfs && part.path === path);
  const { sha256: hash, size } = await storeLarge(store, body, { random, like });
  return { part: { path, role, size, sha256: hash, lfs: true }, bytes: pointer(hash, size), isMarked: false };
}

/** What a file's own bytes say of it. A zip that was not unpacked on its way is read back from where it lies. */
async function formOf(
  { store }: Deps,
  { path, sha256: hash, size, lfs }: Part,
  head: Buffer,
  { demand, listen, passed }: { demand?: Demand | undefined; listen: Body['listen']; passed: PassingZip['entries'] },
): Promise<Form> {
  if (size === 0) return { isWhole: false, odd: 'it has no bytes' };
  const broken = wrongSignature(path, head);
  if (broken !== undefined) return { isWhole: false, odd: broken };
  if (demand === 'json' || isNamedJson(path)) return head.length === size ? formOfJson(head) : { isWhole: false };
  if (!isZip(path, head, demand)) return { isWhole: false };
  const proven = await proveZip(lfs ? { store, name: largeName(hash), size } : head, listen, passed);
  if (typeof proven === 'string') return { isWhole: false, odd: proven };
  const lacksTables = demand === 'geodatabase' && !hasTables(proven.names);
  return { isWhole: proven.whole, ...(lacksTables && { odd: 'the geodatabase has no tables' }) };
}

function isZip(path: string, head: Buffer, demand?: Demand): boolean {
  if (demand === 'json' || isNamedJson(path)) return false;
  return demand !== undefined || isNamedZip(path) || mayBeZip(path, head);
}

const oddJson = {
  loose: 'it is JSON as not every program reads it',
  cut: 'it begins as JSON, and its brackets do not close',
  none: 'it is no JSON',
};

function formOfJson(bytes: Buffer): Form {
  const form = jsonForm(bytes);
  if (form === 'whole') return { isWhole: true };
  return { isWhole: form === 'loose', odd: oddJson[form] };
}

/** A part whose bytes are at hand. */
export function small(role: Role, path: string, bytes: Buffer): Taken {
  return { part: { path, role, size: bytes.length, sha256: sha256(bytes), lfs: false }, bytes, isMarked: false };
}
