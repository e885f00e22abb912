import type { BlobStore } from '../../storage/blob-store.ts';
import { namesOf, writeJson } from '../../storage/json-blobs.ts';
import { acknowledgedName, allAcknowledged } from '../layout.ts';

/** Which warnings somebody has taken note of, by their ids, and when first, epoch ms. Nothing but their names is read. */
export async function readAcknowledged(store: BlobStore): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { id, time } of each(store)) found.set(id, Math.min(time, found.get(id) ?? time));
  return found;
}

/** Writes down that somebody took note of a warning. @param told what it said, for whoever looks into the store */
export async function acknowledge(store: BlobStore, id: string, time: number, told: object): Promise<void> {
  await writeJson(store, acknowledgedName(id, time), { id, since: new Date(time).toISOString(), ...told });
}

/** Takes it back. */
export async function revokeAcknowledged(store: BlobStore, id: string): Promise<void> {
  for await (const { id: other, name } of each(store)) if (other === id) await store.delete(name);
}

async function* each(store: BlobStore) {
  for await (const name of namesOf(store.list(allAcknowledged))) {
    const [, id, time] = /^([0-9a-f]{16})\.(\d{1,15})\.json$/.exec(name.slice(allAcknowledged.length)) ?? [];
    if (id !== undefined) yield { id, time: Number(time), name };
  }
}
