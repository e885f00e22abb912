import type { CommitGraph, Node } from './commit-graph.ts';
import type { FetchRequest } from './fetch-request.ts';

/** Where the client's history ends from now on. */
export interface Boundary {
  /** commits that lose their parents */
  shallow: string[];
  /** commits that had none, and get them */
  unshallow: string[];
  /** all commits without parents, those among them that the client knew */
  all: ReadonlySet<string>;
}

/** git's own word for "all of it" (`--unshallow`). https://git-scm.com/docs/shallow */
const infinite = 0x7fffffff;

/**
 * The new end of a client's history.
 * @param tips the commits that it wants
 * @param not the commits that `deepen-not` names
 */
export async function boundaryOf(
  graph: CommitGraph,
  { deepen, shallow: known }: FetchRequest,
  tips: readonly string[],
  not: readonly string[],
): Promise<Boundary> {
  const { depth = infinite, relative = false, since = 0 } = deepen;
  const excluded = await closure(graph, not);
  // Counted from where the history ends now, the tips themselves do not count.
  const from = relative ? await depthOf(graph, tips, new Set(known)) : 0;
  const most = depth >= infinite ? Infinity : depth + from;
  const isIn = (node: Node) => node.time >= since * 1000 && !excluded.has(node.oid);
  const seen = new Set(tips);
  const ends = new Set<string>();
  let level = await nodes(graph, tips);
  for (let at = 1; level.length > 0; at++) {
    const next = new Set<string>();
    for (const { oid, parents } of level) {
      const inside = at >= most ? [] : (await nodes(graph, parents)).filter(isIn);
      if (inside.length < parents.length) ends.add(oid);
      else for (const parent of inside) if (!seen.has(parent.oid)) next.add(parent.oid);
    }
    for (const oid of next) seen.add(oid);
    level = await nodes(graph, [...next]);
  }
  const before = new Set(known);
  return {
    shallow: [...ends].filter((oid) => !before.has(oid)),
    unshallow: known.filter((oid) => seen.has(oid) && !ends.has(oid)),
    all: new Set([...ends, ...known.filter((oid) => !seen.has(oid))]),
  };
}

/** How many commits there are on the shortest way from a tip to where the history ends. */
async function depthOf(graph: CommitGraph, tips: readonly string[], ends: ReadonlySet<string>): Promise<number> {
  const seen = new Set(tips);
  let level = [...tips];
  for (let depth = 1; level.length > 0; depth++) {
    if (level.some((oid) => ends.has(oid))) return depth;
    const parents = (await nodes(graph, level)).flatMap((node) => node.parents).filter((oid) => !seen.has(oid));
    for (const oid of parents) seen.add(oid);
    level = [...new Set(parents)];
  }
  return 0;
}

async function closure(graph: CommitGraph, oids: readonly string[]): Promise<Set<string>> {
  const seen = new Set(oids);
  for (let level = await nodes(graph, oids); level.length > 0;) {
    const next = level.flatMap(({ parents }) => parents).filter((oid) => !seen.has(oid));
    for (const oid of next) seen.add(oid);
    level = await nodes(graph, [...new Set(next)]);
  }
  return seen;
}

async function nodes(graph: CommitGraph, oids: readonly string[]): Promise<Node[]> {
  const found: Node[] = [];
  for (const oid of oids) {
    const node = await graph.find(oid);
    if (node !== undefined) found.push(node);
  }
  return found;
}
