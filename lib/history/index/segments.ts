import { allHistory } from '../../archive/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { IndexedCommit } from '../history.ts';
import {
  decodeSegment,
  encodeSegment,
  hashOf,
  isOutdated,
  readSegmentName,
  segmentName,
  type SegmentName,
} from './segment.ts';

/** The segments that there are, by their names; nothing is read. */
export async function listSegments(store: BlobStore): Promise<SegmentName[]> {
  return (await listIndex(store)).segments;
}

/** The same, and the names of what an older version of ago-backup made: nobody reads those any more. */
export async function listIndex(store: BlobStore): Promise<{ segments: SegmentName[]; outdated: string[] }> {
  const segments: SegmentName[] = [];
  const outdated: string[] = [];
  for await (const { name } of store.list(allHistory)) {
    const own = name.slice(allHistory.length);
    const segment = readSegmentName(own);
    if (segment !== undefined) segments.push(segment);
    else if (isOutdated(own)) outdated.push(name);
  }
  return { segments, outdated };
}

/** Reads a segment; undefined when it is gone, or its bytes are not those that its name says: then the trees are read instead. */
export async function readSegment(store: BlobStore, segment: SegmentName): Promise<IndexedCommit[] | undefined> {
  const blob = await store.get(allHistory + segmentName(segment));
  return blob !== undefined && hashOf(blob.bytes) === segment.hash ? decodeSegment(blob.bytes) : undefined;
}

/** All that segments know, by commit. */
export async function readSegments(
  store: BlobStore,
  segments: readonly SegmentName[],
): Promise<Map<string, IndexedCommit>> {
  const read = await Promise.all(segments.map((segment) => readSegment(store, segment)));
  return new Map(read.flatMap((commits) => (commits ?? []).map((commit) => [commit.oid, commit])));
}

/** Keeps what is known of some commits, newest first; the segment. @param total how many commits there are up to the newest */
export async function writeSegment(
  store: BlobStore,
  commits: readonly IndexedCommit[],
  total: number,
): Promise<SegmentName> {
  const bytes = await encodeSegment(commits);
  const name = { newest: commits[0]?.oid ?? '', count: commits.length, total, hash: hashOf(bytes) };
  await store.put(allHistory + segmentName(name), bytes);
  return name;
}

export async function deleteSegments(store: BlobStore, segments: readonly SegmentName[]): Promise<void> {
  for (const segment of segments) await store.delete(allHistory + segmentName(segment));
}
