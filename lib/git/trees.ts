import { checkEntryName, type TreeEntry } from './tree-bytes.ts';

/** One change of a tree: the entry at `path` becomes this one, or goes. */
export interface Edit {
  /** from the root, `/` between names */
  path: string;
  entry: { mode: '100644' | '040000'; oid: string } | null;
}

/** How trees are read and written; ids are those of git. */
export interface TreePort {
  read(oid: string): Promise<readonly TreeEntry[]>;
  write(entries: readonly TreeEntry[]): Promise<string>;
}

/** What happens at one path and below it; an absent `entry` leaves what is there. */
interface Node {
  entry?: Edit['entry'];
  children: Map<string, Node>;
}

/**
 * A tree with edits applied; reads and writes only the folders they touch, and drops folders that become empty. Removals
 * speak of the tree as it was, so they never undo an addition, whatever the order. Throws RangeError for impossible names.
 * @returns the id of the new root; undefined when nothing is left in it
 */
export async function applyEdits(
  port: TreePort,
  base: string | undefined,
  edits: readonly Edit[],
): Promise<string | undefined> {
  const root: Node = { children: new Map() };
  for (const edit of edits) if (edit.entry === null) nodeAt(root, edit.path).entry = null;
  for (const edit of edits) if (edit.entry !== null) addTo(nodeAt(root, edit.path), edit.entry);
  return applyNode(port, base, root);
}

function nodeAt(root: Node, path: string): Node {
  let node = root;
  for (const name of path.split('/')) {
    let child = node.children.get(name);
    if (child === undefined) node.children.set(checkEntryName(name), (child = { children: new Map() }));
    node = child;
  }
  return node;
}

/** What comes replaces all that was there; additions below it stay. */
function addTo(node: Node, entry: NonNullable<Edit['entry']>): void {
  node.entry = entry;
  dropRemovals(node);
}

function dropRemovals(node: Node): void {
  for (const [name, child] of node.children) {
    if (child.entry === null) delete child.entry;
    dropRemovals(child);
    if (child.entry === undefined && child.children.size === 0) node.children.delete(name);
  }
}

async function applyNode(port: TreePort, base: string | undefined, node: Node): Promise<string | undefined> {
  const old = base === undefined ? [] : await port.read(base);
  const entries = new Map(old.map((entry) => [entry.name, entry]));
  for (const [name, child] of node.children) {
    const next = await applyChild(port, name, entries.get(name), child);
    if (next === undefined) entries.delete(name);
    else entries.set(name, next);
  }
  const now = [...entries.values()];
  if (now.length === 0) return undefined;
  const isSame = now.length === old.length && now.every((entry, n) => entry === old[n]);
  return isSame ? base : port.write(now);
}

async function applyChild(
  port: TreePort,
  name: string,
  before: TreeEntry | undefined,
  { entry, children }: Node,
): Promise<TreeEntry | undefined> {
  const own = entry === undefined ? before : entry === null ? undefined : entryOf(name, entry, before);
  if (children.size === 0) return own;
  const oid = await applyNode(port, own?.type === 'tree' ? own.oid : undefined, { children });
  // Removals below what is no folder change nothing.
  if (oid === undefined) return own?.type === 'tree' ? undefined : own;
  return entryOf(name, { mode: '040000', oid }, before);
}

/** The same object when nothing changed: that is how a folder knows that it need not be written. */
function entryOf(name: string, { mode, oid }: NonNullable<Edit['entry']>, before: TreeEntry | undefined): TreeEntry {
  if (before?.oid === oid && before.mode === mode) return before;
  return { name, mode, oid, type: mode === '040000' ? 'tree' : 'blob' };
}
