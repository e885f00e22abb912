import { allHistory } from '../../archive/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { IndexedCommit } from '../history.ts';
import { decodeSegment, encodeSegment, hashOf, readSegmentName, segmentName, type SegmentName } from './segment.ts';

/** The segments that there are, by their names; nothing is read. */
export async function listSegments(store: BlobStore): Promise<SegmentName[]> {
  const found: SegmentName[] = [];
  for await (const { name } of store.list(allHistory)) {
    const segment = readSegmentName(name.slice(allHistory.length));
    if (segment !== undefined) found.push(segment);
  }
  return found;
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
