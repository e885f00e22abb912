import { lineOf, type Line } from '../backup/report.ts';
import { memberFolder, memberPath } from '../backup/names/paths.ts';
import { reconcileMember, type MemberChange } from '../backup/reconcile.ts';
import { changeOf, removalOf, type ItemChange } from '../backup/changes.ts';
import type { Manifest, Saved } from '../backup/item.ts';
import { BackupError } from '../errors.ts';

import type { Head, NewObjects, Repository } from './repository.ts';
import type { Edit } from '../git/trees.ts';
import type { Staged } from './staged-item.ts';
import { readIndexOf } from './member-index.ts';
import { memberTrees } from './member-trees.ts';
import type { Archive } from './archive.ts';

/** What a run brings to the tree. */
export interface Arrivals {
  staged: readonly Staged[];
  /** what failed; of a member who could not be listed `itemId` is null */
  failures: readonly { itemId: string | null; owner: string }[];
  /** members with items that the listing does not hold any more */
  missing: readonly { username: string }[];
  /** folders of members whom the organization does not list any more */
  vanished: readonly { tree: string }[];
  /** members whose content was to be listed */
  walked: readonly string[];
}

/** What goes. */
export interface Departures {
  /** by item id */
  removed: ReadonlyMap<string, Saved>;
  /** copies that lie under a former owner, while the archive has the item under its owner of now: `<owner>/<item id>` */
  doubles: ReadonlySet<string>;
}

/** What the tree will be, member by member, and the counts that follow from it. */
export interface Merged {
  members: readonly (MemberChange & { path: string })[];
  /** paths that go */
  edits: readonly Edit[];
  lines: readonly Line[];
  changes: readonly ItemChange[];
  added: number;
  changed: number;
  /** items that were fetched again and turned out to be the same */
  unchanged: number;
  /** staged blobs of items that are new or have changed */
  news: readonly string[];
  /** the folder of each item that is new or has changed, or of every item that was saved, as trees among the new objects */
  itemTrees(objects: NewObjects, which: 'news' | 'all'): Promise<Edit[]>;
}

/** One saved item: where it goes, the files of its folder, and what that means. */
interface Placed {
  staged: Staged;
  /** from the root */
  path: string;
  /** relative to its folder */
  files: readonly Edit[];
  fate: 'added' | 'changed' | 'unchanged';
}

/** Brings together what the tree holds, what was saved and what was removed. */
export async function mergeMembers(
  archive: Archive,
  base: Head | undefined,
  arrived: Arrivals,
  { removed, doubles }: Departures,
): Promise<Merged> {
  const trees = await memberTrees(archive, base);
  const arrivals = Map.groupBy(arrived.staged, ({ manifest }) => manifest.owner);
  // A member who could not be listed, or was left out, may be the former owner of an item that arrived under its new one.
  const unlisted = arrived.failures.filter(({ itemId }) => itemId === null).map(({ owner }) => owner);
  const owners = new Set([...arrivals.keys(), ...arrived.missing.map(({ username }) => username), ...unlisted]);
  const walked = new Set(arrived.walked.map(memberFolder));
  const leftOut = [...trees].filter(([name]) => arrived.staged.length > 0 && !walked.has(name));
  for (const tree of new Set([...arrived.vanished.map((each) => each.tree), ...leftOut.map(([, oid]) => oid)])) {
    for (const { owner } of Object.values(await readIndexOf(archive, tree))) owners.add(owner);
  }
  const indexes = new Map<string, Record<string, Saved>>();
  for (const owner of [...owners].sort()) {
    indexes.set(owner, await readIndexOf(archive, trees.get(memberFolder(owner)) ?? null));
  }
  const savedBy = new Map(arrived.staged.map(({ manifest }) => [manifest.id, manifest.owner]));
  const members = [...indexes].map(([owner, index]) => {
    const moved = Object.keys(index).filter((id) => (savedBy.get(id) ?? owner) !== owner);
    const gone = Object.keys(index).filter((id) => removed.has(id) || doubles.has(`${owner}/${id}`));
    const leaving = new Set([...moved, ...gone]);
    return { ...reconcileMember(owner, index, arrivals.get(owner) ?? [], leaving), path: memberPath(owner) };
  });
  const placed: Placed[] = [];
  for (const { username, path, items } of members) {
    for (const staged of arrivals.get(username) ?? []) {
      const to = `${path}/${items[staged.manifest.id]?.path ?? ''}`;
      placed.push(await place(archive, base, staged, to, findBefore(indexes, staged)));
    }
  }
  return summarize(archive.repository, members, placed, removed, indexes);
}

/** Where the tree has an item now, under whichever of the members at hand. */
function findBefore(indexes: ReadonlyMap<string, Record<string, Saved>>, { manifest }: Staged): string | undefined {
  const own = indexes.get(manifest.owner)?.[manifest.id];
  if (own) return `${memberPath(manifest.owner)}/${own.path}`;
  for (const [owner, index] of indexes) {
    const other = index[manifest.id];
    if (other) return `${memberPath(owner)}/${other.path}`;
  }
  return undefined;
}

async function place(
  { repository }: Archive,
  base: Head | undefined,
  staged: Staged,
  path: string,
  before: string | undefined,
): Promise<Placed> {
  const tree = base && before !== undefined ? await repository.treeAt(base.tree, before) : undefined;
  const files = await filesOf(repository, staged, tree);
  if (tree === undefined) return { staged, path, files, fate: 'added' };
  const now = await repository.applyEdits(repository.newObjects(), undefined, files);
  return { staged, path, files, fate: path === before && now === tree ? 'unchanged' : 'changed' };
}

/** The files of an item's folder: those of this run, and those that stay as the tree has them. */
async function filesOf(repository: Repository, staged: Staged, old: string | undefined): Promise<Edit[]> {
  const fresh = staged.files.map((path, n): Edit => ({
    path,
    entry: { mode: '100644', oid: staged.entries[n]?.oid ?? '' },
  }));
  for (const path of staged.kept) {
    const oid = old && (await repository.treeAt(old, path));
    if (oid === undefined)
      throw new BackupError('STORE_DAMAGED', `The archive lost ${path} of item ${staged.manifest.id}.`);
    fresh.push({ path, entry: { mode: '100644', oid } });
  }
  return fresh;
}

function summarize(
  repository: Repository,
  members: Merged['members'],
  placed: readonly Placed[],
  removed: ReadonlyMap<string, Saved>,
  indexes: ReadonlyMap<string, Record<string, Saved>>,
): Merged {
  const count = (fate: Placed['fate']) => placed.filter((each) => each.fate === fate).length;
  const news = placed.filter(({ fate }) => fate !== 'unchanged');
  return {
    members,
    edits: members.flatMap(({ path, gone }) => gone.map((old) => ({ path: `${path}/${old}`, entry: null }))),
    lines: [
      ...news.map(({ fate, staged }) => lineOf(fate === 'added' ? '+' : '~', staged.manifest)),
      ...[...removed.values()].map((saved) => lineOf('-', saved)),
    ],
    changes: [
      ...news.map(({ staged, path }) => changeBetween(indexes, staged.manifest, path)),
      ...[...removed.values()].map(removalOf),
    ],
    added: count('added'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    news: news.map(({ staged }) => staged.name),
    itemTrees: async (objects, which) => {
      const edits: Edit[] = [];
      for (const each of which === 'all' ? placed : news) {
        const oid = await repository.applyEdits(objects, undefined, each.files);
        edits.push({ path: each.path, entry: { mode: '040000', oid } });
      }
      return edits;
    },
  };
}

function changeBetween(
  indexes: ReadonlyMap<string, Record<string, Saved>>,
  manifest: Manifest,
  path: string,
): ItemChange {
  const found = [...indexes].find(([, index]) => index[manifest.id] !== undefined);
  const [owner, before] = [found?.[0], found?.[1][manifest.id]];
  const isMoved = before !== undefined && `${memberPath(owner ?? '')}/${before.path}` !== path;
  return changeOf(manifest, before, isMoved);
}
