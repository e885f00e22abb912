import { acceptanceName, readAcceptances } from '../archive/acceptance.ts';
import { readFolds, writeFold } from '../archive/folds.ts';
import {
  allAccepted,
  allAcknowledged,
  allHistory,
  allIntents,
  allLists,
  allRestores,
  allRuns,
  foldName,
} from '../archive/layout.ts';
import { readHolder } from '../archive/runs/run-holder.ts';
import { jsonIn } from '../backup/json.ts';
import { hashOf, readSegmentName } from '../history/index/segment.ts';
import type { Blob, BlobInfo, BlobStore } from '../storage/blob-store.ts';
import { chunks, namesOf } from '../storage/json-blobs.ts';

/** What of ours lies beside the repository, by folder. */
export interface Beside {
  /** records and lists of runs, and intents of exports: each whole, or it is left out and named */
  told: BlobInfo[];
  /** plans and journals of restores: by them a restore is taken back */
  restores: BlobInfo[];
  /** segments of the history index */
  segments: BlobInfo[];
  /** warnings that somebody has taken note of */
  acknowledged: BlobInfo[];
}

/**
 * Lists what is to come over from beside the repository. To be asked before the branch is read, so that no record tells of a commit
 * that the copy has not.
 */
export async function listBeside(from: BlobStore): Promise<Beside> {
  const told: BlobInfo[] = [];
  for (const folder of [allRuns, allLists, allIntents])
    for await (const blob of from.list(folder)) if (!blob.name.slice(folder.length).includes('/')) told.push(blob);
  const restores = await Array.fromAsync(from.list(allRestores));

  const segments = await Array.fromAsync(from.list(allHistory));
  return { told, restores, segments, acknowledged: await Array.fromAsync(from.list(allAcknowledged)) };
}

/** Blobs that are read at the same time. */
const atOnce = 16;

/**
 * Copies what lies beside the repository. The history index follows from the commits, so one that is damaged is left out; indexes of
 * members are made again by the first run on the copy.
 * @returns names of blobs that are damaged, and were left out
 */
export async function copyBeside(
  from: BlobStore,
  to: BlobStore,
  { told, restores, segments, acknowledged }: Beside,
): Promise<string[]> {
  const active = (await readHolder(from))?.runId;
  const damaged: string[] = [];
  for await (const blob of lacking(from, to, told)) {
    const { runId, name } = (jsonIn(blob.bytes.toString()) ?? {}) as { runId?: unknown; name?: unknown };
    const own = /([^/]+)\.json$/.exec(blob.name)?.[1];
    const isIntent = blob.name.startsWith(allIntents);
    if ((isIntent ? name : runId) !== own || typeof runId !== 'string') damaged.push(blob.name);
    // An export of the run under way is not left behind: whoever has its intent without the run would delete it.
    else if (!isIntent || runId !== active) await to.put(blob.name, blob.bytes);
  }
  damaged.push(...(await copyAcceptances(from, to)));
  for (const fold of await readFolds(from))
    if ((await to.stat(foldName(fold.to))) === undefined) await writeFold(to, fold);
  for await (const blob of lacking(from, to, [...restores, ...acknowledged])) {
    if (jsonIn(blob.bytes.toString()) === undefined) damaged.push(blob.name);
    else await to.put(blob.name, blob.bytes);
  }
  for await (const blob of lacking(from, to, segments)) {
    const segment = readSegmentName(blob.name.slice(allHistory.length));
    if (segment?.hash === hashOf(blob.bytes)) await to.put(blob.name, blob.bytes);
  }
  const known = new Set(acknowledged.map(({ name }) => name));
  for await (const name of namesOf(to.list(allAcknowledged))) if (!known.has(name)) await to.delete(name);
  await dropOthers(to, allHistory, new Set(segments.map(({ name }) => name)));
  return damaged;
}

/** What a person has accepted, and taken back, holds for the copy as well. */
async function copyAcceptances(from: BlobStore, to: BlobStore): Promise<string[]> {
  const { accepted, damaged } = await readAcceptances(from);
  const names = new Set([...accepted.keys()].map(acceptanceName));
  for (const name of names) {
    const [ours, theirs] = await Promise.all([from.get(name), to.get(name)]);
    if (ours !== undefined && theirs?.bytes.equals(ours.bytes) !== true) await to.put(name, ours.bytes);
  }
  for await (const name of namesOf(to.list(allAccepted))) if (!names.has(name)) await to.delete(name);
  return damaged;
}

/** Segments that became one there are not kept one by one here. */
async function dropOthers(to: BlobStore, folder: string, names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) return;
  for (const name of await Array.fromAsync(namesOf(to.list(folder)))) if (!names.has(name)) await to.delete(name);
}

/** Those that the target has not, or in another length; what is gone meanwhile is none of them. */
async function* lacking(from: BlobStore, to: BlobStore, all: readonly BlobInfo[]): AsyncGenerator<Blob> {
  for await (const group of chunks(all, atOnce)) {
    const read = async ({ name, size }: BlobInfo) =>
      (await to.stat(name))?.size === size ? undefined : from.get(name);
    yield* (await Promise.all(group.map(read))).filter((blob) => blob !== undefined);
  }
}
