import type { Archive } from '../../archive/archive.ts';
import type { Manifest, Part } from '../../backup/item.ts';
import { confirmedManifest } from '../confirm.ts';
import { pathsUnlike } from '../describe.ts';
import type { State } from '../history.ts';
import { findPart, isOurs, parsed } from '../item-files.ts';
import { csvRows } from './csv.ts';
import { jsonChanges, type JsonChange } from './json.ts';

/** One difference between two versions of an item. */
export interface ItemChange extends JsonChange {
  /** the file it is in; `place` for where the item lies, `rows` for the number of rows of a layer */
  part: string;
}

/** Larger files are told by their size alone: they would not fit into memory together with what is made of them. */
const mostBytes = 64 * 1024 * 1024;

/**
 * What is different between two versions of an item: where it lies, the rows of its layers, then file by file; JSON, GeoJSON and
 * CSV by their places and rows, other files by size.
 * @param groups titles of groups, by id
 */
export async function itemChanges(
  archive: Archive,
  before: State,
  after: State,
  groups: ReadonlyMap<string, string>,
): Promise<ItemChange[]> {
  const changes: ItemChange[] = [];
  if (before.path !== after.path)
    changes.push({ part: 'place', kind: 'moved', path: '', before: before.path, after: after.path });
  const [old, now] = await Promise.all([confirmedManifest(archive, before), confirmedManifest(archive, after)]);
  changes.push(...rowChanges(old, now));
  for (const path of await pathsUnlike(archive, before, after)) {
    if (isOurs(path)) continue;
    const was = await readFile(archive, before, old, path);
    const is = await readFile(archive, after, now, path);
    for (const change of fileChanges(path, was, is, groups)) changes.push({ part: path, ...change });
  }
  return changes;
}

function rowChanges(before: Manifest | undefined, after: Manifest | undefined): ItemChange[] {
  // An older version of ago-backup counted none: then nothing is known of that side.
  if (before?.layers === undefined || after?.layers === undefined) return [];
  const rows = ({ layers = [] }: Manifest) => ({ layers: layers.map(({ id, name, rows }) => ({ id, name, rows })) });
  return jsonChanges(rows(before), rows(after)).map((change) => ({
    part: 'rows',
    ...change,
    path: change.path.replace(/^layers/, ''),
  }));
}

/** What is known of a file. */
interface Read {
  size: number;
  sha256: string;
  /** undefined when it is too large, damaged, or no text */
  value: unknown;
}

async function readFile(
  archive: Archive,
  state: State,
  manifest: Manifest | undefined,
  path: string,
): Promise<Read | undefined> {
  const part = manifest?.parts.find((each) => each.path === path);
  if (part === undefined) return undefined;
  const { size, sha256 } = part;
  const bytes = size > mostBytes ? undefined : await bytesOf(archive, state, part);
  return { size, sha256, value: bytes && valueOf(path, bytes) };
}

async function bytesOf(archive: Archive, state: State, part: Part): Promise<Buffer | undefined> {
  const found = await findPart(archive, state, part);
  if (typeof found === 'string') return undefined;
  return 'bytes' in found ? found.bytes : (await archive.store.get(found.large))?.bytes;
}

function valueOf(path: string, bytes: Buffer): unknown {
  if (/\.csv$/i.test(path)) {
    const rows = csvRows(bytes.toString());
    return rows && { features: rows.map((attributes) => ({ attributes })) };
  }
  const first = bytes
    .subarray(0, 64)
    .toString()
    .trimStart()
    .replace(/^\ufeff/, '');
  return /^[{[]/.test(first) ? parsed(bytes) : undefined;
}

function fileChanges(
  path: string,
  before: Read | undefined,
  after: Read | undefined,
  groups: ReadonlyMap<string, string>,
): JsonChange[] {
  const size = (read: Read | undefined) => (read === undefined ? null : { size: read.size, sha256: read.sha256 });
  const whole = { path: '', before: size(before), after: size(after) };
  if (before === undefined || after === undefined) {
    // A file that backup.json does not name was committed by somebody else.
    const kind = before === undefined && after === undefined ? 'changed' : before === undefined ? 'added' : 'removed';
    return [{ kind, ...whole }];
  }
  if (before.value === undefined || after.value === undefined) return [{ kind: 'changed', ...whole }];
  const named = path === 'sharing.json' ? (value: unknown) => withTitles(value, groups) : (value: unknown) => value;
  try {
    const changes = jsonChanges(named(before.value), named(after.value));
    // The same value in other bytes: spaces, or the order of keys.
    return changes.length > 0 ? changes : [{ kind: 'changed', ...whole }];
  } catch (error) {
    // Nested deeper than the stack.
    if (!(error instanceof RangeError)) throw error;
    return [{ kind: 'changed', ...whole }];
  }
}

function withTitles(sharing: unknown, groups: ReadonlyMap<string, string>): unknown {
  if (sharing === null || typeof sharing !== 'object' || !('groups' in sharing) || !Array.isArray(sharing.groups))
    return sharing;
  return { ...sharing, groups: sharing.groups.map((id) => groups.get(String(id)) ?? String(id)) };
}
