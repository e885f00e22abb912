import type { Archive } from '../archive/archive.ts';
import { matches } from '../backup/leave-out.ts';
import { chunks } from '../storage/json-blobs.ts';
import { commitAt, iso, type At } from './at.ts';
import { confirmedManifest } from './confirm.ts';
import { itemText, type ItemText } from './describe.ts';
import { tagsOf } from './item-files.ts';
import { stateOf, type History, type State, type Version } from './history.ts';

/** What an order of `ls` goes by. */
export const orders = ['path', 'title', 'owner', 'type', 'size', 'changed'] as const;
export type Order = (typeof orders)[number];

/** What `ls` is limited to. */
export interface ListFilter {
  /** in the title, or at the beginning of the id */
  text?: string | undefined;
  at: At;
  /** patterns with `*`; none = all */
  users: readonly string[];
  folders: readonly string[];
  types: readonly string[];
  tags?: readonly string[];
  /** true: those that are no more; false: those that are there; undefined: both */
  deleted: boolean | undefined;
  /** epoch ms */
  changedSince?: number | undefined;
  sort: Order;
  limit: number;
  /** how many are passed over */
  offset?: number;
}

/** An item as `ls` tells it. */
export interface ListedItem extends ItemText {
  /** when it became what it is, or was when it went */
  changed: { commit: string; time: string };
  /** when it first was in the archive */
  first: { commit: string; time: string };
  /** of backup.json */
  notes: readonly unknown[];
}

const atOnce = 16;

/** Items as they stood at a time, or those that were gone by then. */
export async function listItems(
  archive: Archive,
  history: History,
  filter: ListFilter,
): Promise<{ items: ListedItem[]; total: number }> {
  const commit = history.head === undefined && filter.at.is === 'latest' ? undefined : commitAt(history, filter.at);
  const found = [...history.latest(commit).values()].filter(
    (version) =>
      (version.after === undefined) === (filter.deleted ?? version.after === undefined) && fits(version, filter),
  );
  const fitting = (await tagged(archive, found, filter.tags ?? [])).sort(compare[filter.sort]);
  const { offset = 0, limit } = filter;
  const items: ListedItem[] = [];
  for await (const group of chunks(fitting.slice(offset, offset + limit), atOnce))
    items.push(...(await Promise.all(group.map((version) => listed(archive, history, version)))));
  return { items, total: fitting.length };
}

/** Those that bear one of these tags. Where the index does not tell, as before the first run of a new version, each record is read. */
async function tagged(archive: Archive, versions: Version[], tags: readonly string[]): Promise<Version[]> {
  if (tags.length === 0) return versions;
  const bears = async (version: Version) => {
    const state = stateOf(version);
    const own = state.tags ?? (await tagsOf(archive, state));
    return own.some((tag) => tags.some((pattern) => matches(pattern, tag)));
  };
  const fitting: Version[] = [];
  for await (const group of chunks(versions, atOnce)) {
    const is = await Promise.all(group.map(bears));
    fitting.push(...group.filter((_, n) => is[n]));
  }
  return fitting;
}

async function listed(archive: Archive, history: History, version: Version): Promise<ListedItem> {
  const state = stateOf(version);
  // Of what is gone, the change before it went.
  const versions = history.versions(state.id, version.commit);
  const changed = version.after ? version : (versions[1] ?? version);
  const { commit: first } = versions.at(-1) ?? version;
  return {
    ...itemText(version),
    changed: { commit: changed.commit.oid, time: iso(changed.commit.time) },
    first: { commit: first.oid, time: iso(first.time) },
    notes: (await confirmedManifest(archive, state))?.notes ?? [],
  };
}

function fits(version: Version, { text, users, folders, types, changedSince }: ListFilter): boolean {
  const state = stateOf(version);
  const any = (patterns: readonly string[], field: string) =>
    patterns.length === 0 || patterns.some((pattern) => matches(pattern, field));
  return (
    (text === undefined || holds(state, text)) &&
    any(users, state.owner) &&
    any(folders, state.folder) &&
    any(types, state.type) &&
    (changedSince === undefined || version.commit.time >= changedSince)
  );
}

function holds({ id, title }: State, text: string): boolean {
  const plain = text.trim().normalize('NFC').toLowerCase();
  return title.normalize('NFC').toLowerCase().includes(plain) || (plain.length >= 6 && id.startsWith(plain));
}

const byText = (field: 'path' | 'title' | 'owner' | 'type') => (a: Version, b: Version) => {
  const [one, other] = [stateOf(a), stateOf(b)];
  return (
    order(one[field].toLowerCase(), other[field].toLowerCase()) ||
    order(one.path, other.path) ||
    order(one.id, other.id)
  );
};
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const compare: Record<Order, (a: Version, b: Version) => number> = {
  path: byText('path'),
  title: byText('title'),
  owner: byText('owner'),
  type: byText('type'),
  size: (a, b) => stateOf(b).size - stateOf(a).size || byText('path')(a, b),
  changed: (a, b) => b.commit.time - a.commit.time || byText('path')(a, b),
};
