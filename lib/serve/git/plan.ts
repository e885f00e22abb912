import type { ObjectReader } from '../../git/object-reader.ts';
import type { ObjectTable } from '../../git/pack/object-table.ts';
import type { Collected, Collector } from './collect.ts';
import type { CommitGraph } from './commit-graph.ts';
import { isDeepening, type FetchRequest } from './fetch-request.ts';
import { newCommits } from './new-commits.ts';
import { targetOf, type Ref } from './refs.ts';
import { Refusal } from './refusal.ts';
import { boundaryOf, type Boundary } from './shallow.ts';

/** The repository as one request sees it. */
export interface Repository {
  reader: ObjectReader;
  table: ObjectTable;
  graph: CommitGraph;
  refs: readonly Ref[];
}

/** What the wants of a client are. */
export interface Wants {
  commits: string[];
  /** each leads to one of the other kinds */
  tags: string[];
  trees: string[];
  blobs: string[];
}

/** Sorts what a client wants. Throws Refusal for what is not there, STORE_DAMAGED. */
export async function sortWants({ reader }: Repository, wants: readonly string[]): Promise<Wants> {
  const sorted: Wants = { commits: [], tags: [], trees: [], blobs: [] };
  const waiting = [...new Set(wants)];
  for (const oid of waiting) {
    const type = (await reader.describe(oid))?.type;
    if (type === undefined) throw new Refusal(`upload-pack: not our ref ${oid}`);
    sorted[`${type}s`].push(oid);
    const target = type === 'tag' ? targetOf((await reader.read(oid))?.bytes) : undefined;
    if (target !== undefined && !waiting.includes(target)) waiting.push(target);
  }
  return sorted;
}

/** Where the client's history ends after this; undefined when it asks for no other depth. Throws Refusal, STORE_DAMAGED. */
export async function planDepth(
  { graph, refs }: Repository,
  request: FetchRequest,
  { commits }: Wants,
): Promise<Boundary | undefined> {
  if (!isDeepening(request)) return undefined;
  const not = request.deepen.not.map((name) => {
    const ref = refs.find((each) => [name, `refs/heads/${name}`, `refs/tags/${name}`].includes(each.name));
    if (ref === undefined) throw new Refusal(`There is no branch or tag '${name.slice(0, 100)}'.`);
    return ref.peeled ?? ref.oid;
  });
  return boundaryOf(graph, request, commits, not);
}

/** What a pack is made for. */
export interface Found {
  wants: Wants;
  /** commits that both have */
  common: readonly string[];
  boundary: Boundary | undefined;
}

/** Gathers what is sent. Throws STORE_DAMAGED, and the collector's reason to stop. */
export async function collect(
  collector: Collector,
  repository: Repository,
  request: FetchRequest,
  { wants, common, boundary }: Found,
): Promise<Collected> {
  const { graph } = repository;
  const before = new Set(request.shallow);
  const after = boundary?.all ?? before;
  const { commits, isHeld } = await newCommits(graph, wants.commits, common, { before, after });
  const ends = boundary === undefined ? [] : request.shallow.filter(isHeld);
  for (const { oid, tree, parents } of commits) {
    await collector.add(oid);
    // What the client gets with the parents it need not get again; where all is new, that goes without saying.
    const known = common.length === 0 || after.has(oid) ? [] : parents;
    await collector.addTree(tree, await treesOf(graph, known.length > 0 ? known : ends));
  }
  for (const oid of wants.trees) {
    // What is asked for by its id comes, however shallow the filter.
    if (request.filter.depth === 0) await collector.add(oid);
    else await collector.addTree(oid, []);
  }
  for (const oid of [...wants.blobs, ...wants.tags]) await collector.add(oid);
  if (request.includeTag) await addTags(repository, collector, new Set(commits.map(({ oid }) => oid)));
  return collector.collected;
}

async function treesOf(graph: CommitGraph, commits: readonly string[]): Promise<string[]> {
  const nodes = await Promise.all(commits.map((oid) => graph.find(oid)));
  return nodes.flatMap((node) => node?.tree ?? []);
}

/** Tags of what is sent go with it. */
async function addTags({ reader, refs }: Repository, collector: Collector, sent: ReadonlySet<string>): Promise<void> {
  for (const { oid, peeled } of refs) {
    if (peeled === undefined || !sent.has(peeled)) continue;
    const { tags } = await sortWants({ reader } as Repository, [oid]);
    for (const tag of tags) await collector.add(tag);
  }
}
