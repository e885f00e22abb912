import { jsonIn } from '../backup/json.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { chunks, namesOf } from '../storage/json-blobs.ts';
import { acceptedName, allAccepted } from './layout.ts';
import { sha256 } from './sha256.ts';

/** What an administrator can accept: damage of history that may be beyond mending, or a gap of an item. */
export interface Loss {
  /** a Git LFS object by its SHA-256; a commit, folder, file or pack by its 40 hex digits; a gap as `<item id> <part>` */
  object: string;
  /** what exactly is wrong with it: any change of it is news */
  state: string;
}

/** That an administrator knows of a loss, and can live with it. */
export interface Acceptance extends Loss {
  /** STORE_DAMAGED, or the code of a gap */
  code: string;
  /** what was said of it */
  what: string;
  reason: string;
  /** ISO 8601 */
  since: string;
}

/** All that is accepted. */
export interface Acceptances {
  /** by object */
  accepted: Map<string, Acceptance>;
  /** names of blobs that cannot be believed: nothing is accepted by them */
  damaged: string[];
}

/** A gap as it is accepted: the same part of the same version of the item, for the same reason. */
export function gapLoss(itemId: string, stamp: string, { part = '', code }: { part?: string; code: string }): Loss {
  return { object: `${itemId} ${part}`, state: `${code} of ${stamp}` };
}

/** Is it about a gap, and not about damage of the archive? */
export function isAboutGap({ object }: Loss): boolean {
  return !isObject(object);
}

/** Writes an acceptance down, in place of an earlier one of the same object. May be called again. */
export async function writeAcceptance(store: BlobStore, acceptance: Acceptance): Promise<void> {
  const blob = { sha256: checksum(acceptance), ...acceptance };
  await store.put(acceptanceName(acceptance.object), Buffer.from(`${JSON.stringify(blob, undefined, 2)}\n`));
}

/** Takes acceptances back: the one of an object, also when it is damaged, or those of an item's gaps. False when there was none. */
export async function revokeAcceptance(store: BlobStore, object: string): Promise<boolean> {
  const names = isObject(object) ? [acceptedName(object)] : await ofItem(store, object);
  let isThere = false;
  for (const name of names) {
    if ((await store.stat(name)) === undefined) continue;
    await store.delete(name);
    isThere = true;
  }
  return isThere;
}

async function ofItem(store: BlobStore, itemId: string): Promise<string[]> {
  const { accepted } = await readAcceptances(store);
  const objects = [...accepted.keys()].filter((each) => each === itemId || each.startsWith(`${itemId} `));
  return objects.map(acceptanceName);
}

/** Reads all acceptances. One that was spoiled, or lies under another's name, hides nothing. */
export async function readAcceptances(store: BlobStore): Promise<Acceptances> {
  const all: Acceptances = { accepted: new Map(), damaged: [] };
  for await (const names of chunks(namesOf(store.list(allAccepted)), 16)) {
    const blobs = await Promise.all(names.map((name) => store.get(name)));
    for (const { name, bytes } of blobs.filter((blob) => blob !== undefined)) {
      const acceptance = readAcceptance(name, bytes.toString());
      if (acceptance === undefined) all.damaged.push(name);
      else all.accepted.set(acceptance.object, acceptance);
    }
  }
  return all;
}

function readAcceptance(name: string, text: string): Acceptance | undefined {
  const { code, object, state, what, reason, since, sha256: told } = (jsonIn(text) ?? {}) as Record<string, unknown>;
  if (![code, object, state, what, reason, since].every((each) => typeof each === 'string')) return undefined;
  const acceptance = { code, object, state, what, reason, since } as Acceptance;
  return told === checksum(acceptance) && name === acceptanceName(acceptance.object) ? acceptance : undefined;
}

function checksum({ code, object, state, what, reason, since }: Acceptance): string {
  return sha256(Buffer.from(JSON.stringify([code, object, state, what, reason, since])));
}

const isObject = (text: string) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** The blob of an acceptance. Names of parts are the portal's, and no names of blobs. */
export const acceptanceName = (object: string) =>
  acceptedName(isObject(object) ? object : `gap-${sha256(Buffer.from(object))}`);
