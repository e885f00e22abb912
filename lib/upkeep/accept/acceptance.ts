import { jsonIn } from '../../backup/json.ts';
import { acceptedName, allAccepted } from '../../archive/layout.ts';
import { sha256 } from '../../archive/sha256.ts';
import { chunks, namesOf } from '../../storage/json-blobs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { Loss } from '../verify/finding.ts';

/** That an administrator knows of a loss, and can live with it. */
export interface Acceptance extends Loss {
  code: 'STORE_DAMAGED';
  /** what the verification said of it */
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

/** Writes an acceptance down, in place of an earlier one of the same object. May be called again. */
export async function writeAcceptance(store: BlobStore, acceptance: Acceptance): Promise<void> {
  const blob = { sha256: checksum(acceptance), ...acceptance };
  await store.put(acceptedName(acceptance.object), Buffer.from(`${JSON.stringify(blob, undefined, 2)}\n`));
}

/** Takes an acceptance back, also one that is damaged. False when there was none. */
export async function revokeAcceptance(store: BlobStore, object: string): Promise<boolean> {
  const name = acceptedName(object);
  if (!isObject(object) || (await store.stat(name)) === undefined) return false;
  await store.delete(name);
  return true;
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
  if (code !== 'STORE_DAMAGED' || ![object, state, what, reason, since].every((each) => typeof each === 'string'))
    return undefined;
  const acceptance = { code, object, state, what, reason, since } as Acceptance;
  return told === checksum(acceptance) && name === acceptedName(acceptance.object) ? acceptance : undefined;
}

function checksum({ code, object, state, what, reason, since }: Acceptance): string {
  return sha256(Buffer.from(JSON.stringify([code, object, state, what, reason, since])));
}

const isObject = (text: string) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
