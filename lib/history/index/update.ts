import type { Archive } from '../../archive/archive.ts';
import { isCode } from '../../errors.ts';
import type { Commit } from '../../git/commit.ts';
import { readCommits } from '../commits.ts';
import { heldArchive } from '../held-archive.ts';
import type { IndexedCommit } from '../history.ts';
import { indexCommit } from './index-commit.ts';
import { deleteSegments, listIndex, readSegment, writeSegment } from './segments.ts';
import { segmentName, type SegmentName } from './segment.ts';

/** Segments of about one length that become one. */
const mostOfTier = 8;
/** Commits of one segment when many are lacking: what was done counts when the rest is cut off. */
const mostAtOnce = 512;

/**
 * Adds to the history index what it lacks: after a run that is one commit, in one new segment. Eight segments of about one length
 * become one, so that there are never many and each commit is written again only a few times. May run beside another, and
 * again: what is written twice is the same.
 * @returns how many commits were added
 */
export async function updateIndex({ store }: Pick<Archive, 'store'>): Promise<number> {
  const archive = heldArchive({ store });
  const head = await archive.repository.head();
  if (head === undefined) return 0;
  const { segments, outdated } = await listIndex(archive.store);
  if (isWhole(segments, head.commit)) return 0;
  const isNext = head.parent !== undefined && isWhole(segments, head.parent);
  const { live, known, total, lacking } = isNext
    ? {
        live: segments,
        known: new Map<string, IndexedCommit>(),
        total: latestAt(segments, head.parent)?.total ?? 0,
        lacking: [await archive.repository.commit(head.commit)],
      }
    : await compare(archive, head.commit, segments);
  const written = await addCommits(archive, lacking, { known, total });
  await mergeSegments(archive, new Map([...live, ...written].map((each) => [segmentName(each), each])));
  for (const name of outdated) await archive.store.delete(name);
  return written.reduce((sum, { count }) => sum + count, 0);
}

/**
 * What the segments lack of the commits that lead to this one. A segment with commits that do not, because history was thinned out
 * or somebody moved the branch, goes: what else it has is written anew.
 */
async function compare(archive: Archive, head: string, segments: readonly SegmentName[]) {
  const read = await Promise.all(
    segments.map(async (segment) => ({ segment, commits: (await readSegment(archive.store, segment)) ?? [] })),
  );
  const all = new Map(read.flatMap(({ commits }) => commits.map((commit) => [commit.oid, commit])));
  const { commits, damages } = await readCommits(archive, head, all);
  const there = new Set(commits.map(({ oid }) => oid));
  const isStale = (each: (typeof read)[number]) =>
    damages.length === 0 && each.commits.some(({ oid }) => !there.has(oid));
  await deleteSegments(
    archive.store,
    read.filter(isStale).map(({ segment }) => segment),
  );
  const live = read.filter((each) => !isStale(each));
  const kept = new Set(live.flatMap((each) => each.commits.map(({ oid }) => oid)));
  return {
    live: live.map(({ segment }) => segment),
    known: all,
    total: kept.size,
    lacking: commits.filter(({ oid }) => !kept.has(oid)),
  };
}

/** Is every commit up to this one in some segment? A segment that was lost is missed by its count. */
function isWhole(segments: readonly SegmentName[], commit: string): boolean {
  const latest = latestAt(segments, commit);
  if (latest === undefined) return false;
  const before = segments.filter(({ total }) => total <= latest.total);
  return before.reduce((sum, { count }) => sum + count, 0) >= latest.total;
}

function latestAt(segments: readonly SegmentName[], commit: string | undefined): SegmentName | undefined {
  return segments.filter(({ newest }) => newest === commit).sort((a, b) => b.total - a.total)[0];
}

/**
 * @param commits newest first; those that cannot be read are left out, and tried again the next time
 * @param have.known need not be read @param have.total how many commits there are before them
 */
async function addCommits(
  archive: Archive,
  commits: readonly Commit[],
  { known, total }: { known: ReadonlyMap<string, IndexedCommit>; total: number },
): Promise<SegmentName[]> {
  const contents = new Map<string, string | undefined>([...known].map(([oid, { content }]) => [oid, content]));
  let fresh: IndexedCommit[] = [];
  let added = 0;
  const written: SegmentName[] = [];
  const keep = async () => {
    if (fresh.length > 0) written.push(await writeSegment(archive.store, fresh, total + added));
    fresh = [];
  };
  for (const commit of commits.toReversed()) {
    const read = known.get(commit.oid) ?? (await readOrSkip(archive, commit, contents));
    if (read === undefined) continue;
    contents.set(read.oid, read.content);
    fresh.unshift(read);
    added += 1;
    if (fresh.length >= mostAtOnce) await keep();
  }
  await keep();
  return written;
}

async function readOrSkip(
  archive: Archive,
  commit: Commit,
  contents: ReadonlyMap<string, string | undefined>,
): Promise<IndexedCommit | undefined> {
  const [first = ''] = commit.parents;
  try {
    return await indexCommit(archive, commit, contents.has(first) ? { content: contents.get(first) } : undefined);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** What cannot be read of the segments that become one is lost with them, and missed the next time. */
async function mergeSegments({ store }: Archive, segments: ReadonlyMap<string, SegmentName>): Promise<void> {
  const tiers = Map.groupBy(segments.values(), ({ count }) =>
    Math.floor(Math.log(count) / Math.log(mostOfTier) + 1e-9),
  );
  for (const tier of tiers.values()) {
    if (tier.length < mostOfTier) continue;
    const newestFirst = tier.toSorted((a, b) => b.total - a.total);
    const read = await Promise.all(newestFirst.map((segment) => readSegment(store, segment)));
    const merged = new Map(read.flatMap((commits) => (commits ?? []).map((commit) => [commit.oid, commit])));
    if (merged.size > 0) await writeSegment(store, [...merged.values()], newestFirst[0]?.total ?? 0);
    await deleteSegments(store, tier);
  }
}
