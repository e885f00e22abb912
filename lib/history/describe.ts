import type { Archive } from '../archive/archive.ts';
import { partWords } from '../backup/changes.ts';
import type { Manifest, SavedLayer } from '../backup/item.ts';
import { runOf } from '../backup/report.ts';
import { isCode } from '../errors.ts';
import { iso } from './at.ts';
import { confirmedManifest } from './confirm.ts';
import { removedOf } from './find-item.ts';
import { stateOf, type State, type Version } from './history.ts';
import { filesBelow, isOurs, manifestOf } from './item-files.ts';

/** An item as lists and answers name it. */
export interface ItemText {
  itemId: string;
  title: string;
  owner: string;
  folder: string;
  type: string;
  path: string;
  /** bytes of its parts */
  size: number;
  removed: { commit: string; time: string } | null;
}

/** A version as `log` tells it. */
export interface VersionText {
  commit: string;
  /** ISO 8601 */
  time: string;
  op: Version['op'];
  /** kinds of parts that are not as they were, and `title`, `owner`, `folder`, `type` where those changed */
  what: string[];
  path: string;
  title: string;
  owner: string;
  type: string;
  size: number;
  layers: Pick<SavedLayer, 'id' | 'name' | 'rows' | 'attachments'>[];
  /** null where a person made the commit */
  runId: string | null;
}

/** What an item is, by its latest version. */
export function itemText(version: Version): ItemText {
  const { id, title, owner, folder, type, path, size } = stateOf(version);
  return { itemId: id, title, owner, folder, type, path, size, removed: removedOf(version) };
}

/** A version in words and numbers. */
export async function versionText(archive: Archive, version: Version): Promise<VersionText> {
  const { commit, op, after, before } = version;
  const { path, title, owner, type, size } = stateOf(version);
  const manifest = after && (await confirmedManifest(archive, after));
  return {
    commit: commit.oid,
    time: iso(commit.time),
    op,
    what: after === undefined ? [] : await whatChanged(archive, before, after, manifest),
    path,
    title,
    owner,
    type,
    size,
    layers: layersOf(manifest),
    runId: runOf(commit.message) ?? null,
  };
}

/** The layers as backup.json counts them; none where an older version did not count. */
export function layersOf(manifest: Manifest | undefined): VersionText['layers'] {
  return (manifest?.layers ?? []).map(({ id, name, rows, attachments }) => ({ id, name, rows, attachments }));
}

async function whatChanged(
  archive: Archive,
  before: State | undefined,
  after: State,
  manifest: Manifest | undefined,
): Promise<string[]> {
  const what = new Set<string>();
  for (const field of ['title', 'owner', 'folder', 'type'] as const)
    if (before !== undefined && before[field] !== after[field]) what.add(field);
  if (before?.tree === after.tree) return [...what];
  const paths = (await pathsUnlike(archive, before, after)).filter((path) => !isOurs(path));
  // Only what is gone is not in the version's own.
  const isGone = (path: string) => wordFor(path, manifest) === undefined;
  const earlier = before && paths.some(isGone) ? await manifestOf(archive, before) : undefined;
  for (const path of paths) what.add(wordFor(path, manifest) ?? wordFor(path, earlier) ?? 'other files');
  if (what.size === 0) what.add('notes');
  return [...what].sort();
}

/** Files that are in one of two folders only, or not the same in both. What cannot be read changed nothing that can be told. */
export async function pathsUnlike(
  archive: Archive,
  before: State | undefined,
  after: State | undefined,
): Promise<string[]> {
  try {
    const [old, now] = await Promise.all([
      filesBelow(archive, before?.tree, after?.tree),
      filesBelow(archive, after?.tree, before?.tree),
    ]);
    const paths = new Set([...old.keys(), ...now.keys()]);
    return [...paths].filter((path) => old.get(path) !== now.get(path)).sort();
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return [];
  }
}

function wordFor(path: string, manifest: Manifest | undefined): string | undefined {
  if (path === 'sharing.json') return 'sharing';
  const part = manifest?.parts.find((each) => each.path === path);
  return part && partWords[part.role];
}
