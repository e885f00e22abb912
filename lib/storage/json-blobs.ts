import { BackupError } from '../errors.ts';
import type { BlobStore } from './blob-store.ts';

/** Writes a value as JSON, whatever was there. */
export async function writeJson(store: BlobStore, name: string, value: unknown): Promise<void> {
  await store.put(name, Buffer.from(JSON.stringify(value)));
}

/** Writes a value as JSON unless there is one: of several executions of a step the first counts. The value that counts. */
export async function writeFirst<T>(store: BlobStore, name: string, value: T): Promise<T> {
  const isFirst = (await store.put(name, Buffer.from(JSON.stringify(value)), { absent: true })) !== undefined;
  return isFirst ? value : needJson<T>(store, name);
}

/** Reads what `writeJson` wrote; undefined when it is not there. Throws STORE_DAMAGED when it is no JSON. */
export async function readJson<T>(store: BlobStore, name: string): Promise<T | undefined> {
  const blob = await store.get(name);
  if (blob === undefined) return undefined;
  try {
    return JSON.parse(blob.bytes.toString()) as T;
  } catch (cause) {
    throw new BackupError('STORE_DAMAGED', `${name} in ${store.address} is damaged.`, { cause });
  }
}

/** As `readJson`, where a missing blob means that the store lost it. */
export async function needJson<T>(store: BlobStore, name: string): Promise<T> {
  const value = await readJson<T>(store, name);
  if (value === undefined) throw new BackupError('STORE_DAMAGED', `${name} is missing in ${store.address}.`);
  return value;
}

/** All values of these names, a few at a time, in their order. */
export async function* readAllJson<T>(
  store: BlobStore,
  names: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<{ name: string; value: T }> {
  for await (const group of chunks(names, 16)) {
    const values = await Promise.all(group.map((name) => needJson<T>(store, name)));
    for (const [n, value] of values.entries()) yield { name: group[n] ?? '', value };
  }
}

/** The names of a listing. */
export async function* namesOf(blobs: AsyncIterable<{ name: string }>): AsyncGenerator<string> {
  for await (const { name } of blobs) yield name;
}

/** Groups of at most `most`. */
export async function* chunks<T>(all: AsyncIterable<T> | Iterable<T>, most: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const each of all) {
    group.push(each);
    if (group.length === most) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}
