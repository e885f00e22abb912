import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { openRepository, type Head, type Repository } from '../../lib/archive/repository.ts';
import { encodeStaged } from '../../lib/archive/staged-item.ts';
import type { Edit } from '../../lib/git/trees.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';

/** A clock that a test moves. */
export function testClock(start = Date.UTC(2026, 10, 23, 2)): Clock & { advance(ms: number): void } {
  let now = start;
  return { now: () => now, sleep: () => Promise.resolve(), advance: (ms) => void (now += ms) };
}

/** 40 hex digits, other ones each time, the same in every run of a test. */
export function countedNames(seed: string): () => string {
  let n = 0;
  return () => createHash('sha1').update(`${seed} ${n++}`).digest('hex');
}

/** A repository in memory, prepared. */
export async function newArchive(seed = 'archive', store: BlobStore = new MemoryStore({ clock: testClock() })) {
  const repository = openRepository(store, { random: countedNames(seed), clock: testClock() });
  await repository.prepare();
  return { store, repository };
}

/** What one commit of a test changes: text by path; null removes. */
export type Files = Record<string, string | Buffer | null>;

/** Stages the files as one item, as a run does, and publishes them on top of `base`. */
export async function commitFiles(
  store: BlobStore,
  repository: Repository,
  files: Files,
  {
    base,
    message = 'A commit',
    timeMs = 1_700_000_000_000,
  }: { base: Head | undefined; message?: string; timeMs?: number },
): Promise<string> {
  const present = Object.entries(files).filter((file): file is [string, string | Buffer] => file[1] !== null);
  const { bytes, oids } = encodeStaged(
    { message },
    present.map(([, content]) => Buffer.from(content)),
  );
  const name = `ago-backup/runs/${createHash('sha1').update(message).digest('hex')}/staged/item`;
  await store.put(name, bytes);
  const edits = Object.entries(files).map(([path, content]): Edit => {
    if (content === null) return { path, entry: null };
    return { path, entry: { mode: '100644', oid: oids[present.findIndex(([other]) => other === path)] ?? '' } };
  });
  const objects = repository.newObjects();
  const tree = await repository.applyEdits(objects, base?.tree, edits);
  return repository.publish({ base, tree, message, timeMs, objects, staged: [name] });
}

/** The same on top of the branch as it is now. */
export async function commitNext(
  store: BlobStore,
  repository: Repository,
  files: Files,
  message?: string,
): Promise<string> {
  const base = await repository.head();
  return commitFiles(store, repository, files, message === undefined ? { base } : { base, message });
}

/** Copies a store into a folder, as a person does with azcopy. */
export async function dump(store: BlobStore, folder: string): Promise<void> {
  await mkdir(join(folder, 'refs', 'heads'), { recursive: true });
  await mkdir(join(folder, 'objects'), { recursive: true });
  for await (const { name } of store.list('')) {
    const blob = await store.get(name);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), blob?.bytes ?? '');
  }
}

/** Are these the same bytes? Large buffers that differ are never shown: that takes minutes. */
export function assertBytes(actual: Buffer | undefined, expected: Buffer): void {
  const digest = (bytes: Buffer | undefined) =>
    bytes && [bytes.length, createHash('sha256').update(bytes).digest('hex')];
  assert.deepEqual(digest(actual), digest(expected));
}
