import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Archive } from '../archive/archive.ts';
import { takenOverName } from '../archive/layout.ts';
import { sha256 } from '../archive/sha256.ts';
import { jsonIn } from '../backup/json.ts';
import type { Manifest, Part, Role } from '../backup/item.ts';
import type { TreeEntry } from '../git/tree-bytes.ts';
import type { Change, Facts, HistoryCommit, State, Taken } from './history.ts';

/** Items in commits of SEMCOG/Ago_Backup, which a take-over made the ancestors of ours (semcog-archive.md). */

/** Above all members in a commit of the old script. */
export const usersFolder = 'Users';
const stampFile = 'timestamp.txt';

/** Is it the old script's, what `itemsIn` says of a commit? */
export function isOldContent(content: string | undefined): boolean {
  return content?.startsWith(`${usersFolder}:`) === true;
}

/** Does a folder hold an item of the old script? */
export function isOldItem(entries: readonly TreeEntry[]): boolean {
  return entries.some(({ name, type }) => name === stampFile && type === 'blob');
}

/** The old script wrote no ids down, so an item of it is its path, until a take-over says which item that became. */
export async function oldFacts({ repository }: Archive, path: string, tree: string): Promise<Facts | null> {
  if (!isOldItem(await repository.tree(tree))) return null;
  const [, owner = '', folder = '', type = '', title = ''] = path.split('/');
  return { id: idOf(path), title, owner, folder, type, size: 0 };
}

function idOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}

/** What backup.json would have said of a folder of the old script. */
export async function oldManifest(repository: Archive['repository'], entries: readonly TreeEntry[]): Promise<Manifest> {
  const parts: Part[] = [];
  let stamp = '';
  for (const { name, oid, type } of entries) {
    if (type !== 'blob') continue;
    const bytes = await repository.blob(oid);
    if (name === stampFile) stamp = bytes.toString();
    else parts.push({ path: name, role: roleOf(name), size: bytes.length, sha256: sha256(bytes), lfs: false });
  }
  const unknown = { id: '', owner: '', folder: '', folderId: null, type: '', title: '' };
  return { format: 1, ...unknown, stamp, parts, notes: [] };
}

function roleOf(name: string): Role {
  if (name === 'metadata.xml') return 'metadata';
  return /_SourceData_ForBackup\.(?:zip|csv)$/.test(name) ? 'export' : 'data';
}

/** What a take-over wrote down of the folders of before; undefined where it wrote nothing. */
export async function readTaken({ repository }: Archive, tree: string): Promise<Taken | undefined> {
  const oid = await repository.treeAt(tree, takenOverName);
  const found =
    oid === undefined ? undefined : takenOver.safeParse(jsonIn((await repository.blob(oid)).toString())).data;
  return found && Object.fromEntries(Object.entries(found.items).map(([id, path]) => [path, id]));
}

const takenOver = z.object({ format: z.literal(1), items: z.record(z.string(), z.string()) });

/**
 * Joins what the old script saved of an item to what became of it: the history of a folder that was taken over, or renamed before
 * that, is the beginning of the item's own.
 * @param commits newest first
 */
export function joinOld(commits: readonly HistoryCommit[]): HistoryCommit[] {
  const ids = new Map<string, string>();
  return commits.map((commit) => {
    for (const [path, id] of Object.entries(commit.taken ?? {})) ids.set(idOf(path), id);
    for (const [from, to] of renames(commit)) ids.set(idOf(from), ids.get(idOf(to)) ?? idOf(to));
    if (ids.size === 0) return commit;
    const changes = new Map<string, Change>();
    for (const { before, after } of commit.changes.values()) {
      const [old, now] = [asNow(ids, before), asNow(ids, after)];
      const id = now?.id ?? old?.id ?? '';
      const known = changes.get(id);
      // The old folder goes with the very commit in which the item comes.
      changes.set(id, { before: known?.before ?? old, after: known?.after ?? now });
    }
    return { ...commit, changes };
  });
}

function asNow(ids: ReadonlyMap<string, string>, state: State | undefined): State | undefined {
  const id = state && ids.get(state.id);
  return state === undefined || id === undefined ? state : { ...state, id };
}

/** From where to where the old script moved a folder as it was. */
function renames({ changes }: HistoryCommit): [string, string][] {
  const all = [...changes.values()];
  const gone = new Map(all.flatMap(({ before, after }) => (before && !after ? [[before.tree, before.path]] : [])));
  return all.flatMap(({ before, after }) => {
    const from = after && !before && isOld(after) ? gone.get(after.tree) : undefined;
    return from === undefined || after === undefined ? [] : [[from, after.path]];
  });
}

function isOld({ path }: State): boolean {
  return path.startsWith(`${usersFolder}/`);
}
