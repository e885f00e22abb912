import type { CommitGraph, Node } from './commit-graph.ts';
import { missing } from './missing.ts';

/** The commits that a client lacks. */
export interface NewCommits {
  /** each after its parents */
  commits: Node[];
  /** Does the client have this commit? Answered for all commits that touch new ones. */
  isHeld: (oid: string) => boolean;
}

/** Whose history ends where. */
export interface Ends {
  /** commits without parents as the client has them now */
  before: ReadonlySet<string>;
  /** and as it will have them */
  after: ReadonlySet<string>;
}

const wanted = 1;
const held = 2;

/**
 * The commits that lead to `tips`, without those that lead to `haves`. Where nothing deepens, it goes back only to where both
 * meet, the newest commits first, as git does: a clock that went wrong costs commits that are sent again, never one that lacks.
 * Throws STORE_DAMAGED.
 */
export async function newCommits(
  graph: CommitGraph,
  tips: readonly string[],
  haves: readonly string[],
  { before, after }: Ends,
): Promise<NewCommits> {
  const marks = new Map<string, number>();
  const nodes = new Map<string, Node>();
  const queue: Node[] = [];
  const mark = async (oid: string, which: number) => {
    const old = marks.get(oid) ?? 0;
    if ((old | which) === old) return;
    marks.set(oid, old | which);
    const node = nodes.get(oid) ?? (await graph.find(oid)) ?? missing(oid);
    nodes.set(oid, node);
    enqueue(queue, node);
  };
  const deepens = before !== after;
  const isOpen = ({ oid }: Node) => deepens || marks.get(oid) === wanted;
  for (const oid of haves) await mark(oid, held);
  for (const oid of tips) await mark(oid, wanted);
  while (queue.some(isOpen)) {
    const { oid, parents } = queue.pop() ?? missing('');
    const which = marks.get(oid) ?? 0;
    for (const parent of parents) {
      if ((which & held) !== 0 && !before.has(oid)) await mark(parent, held);
      if ((which & wanted) !== 0 && !after.has(oid)) await mark(parent, wanted);
    }
  }
  const isNew = (oid: string) => marks.get(oid) === wanted;
  return { commits: parentsFirst(nodes, isNew), isHeld: (oid) => ((marks.get(oid) ?? 0) & held) !== 0 };
}

/** Keeps the newest last; most commits come in the order of time. */
function enqueue(queue: Node[], node: Node): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((queue[middle]?.time ?? 0) < node.time) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, node);
}

function parentsFirst(nodes: ReadonlyMap<string, Node>, isNew: (oid: string) => boolean): Node[] {
  const sorted: Node[] = [];
  const done = new Set<string>();
  const stack = [...nodes.values()].filter(({ oid }) => isNew(oid));
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const waiting = node.parents.filter((parent) => isNew(parent) && !done.has(parent));
    if (waiting.length === 0 || done.has(node.oid)) {
      stack.pop();
      if (!done.has(node.oid)) sorted.push(node);
      done.add(node.oid);
    } else stack.push(...waiting.flatMap((parent) => nodes.get(parent) ?? []));
  }
  return sorted;
}
