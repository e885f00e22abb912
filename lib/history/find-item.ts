import type { Archive } from '../archive/archive.ts';
import { ownService, serviceOf } from '../backup/uses.ts';
import { BackupError, type Candidate } from '../errors.ts';
import { iso } from './at.ts';
import { stateOf, type History, type HistoryCommit, type State, type Version } from './history.ts';
import { recordOf } from './item-files.ts';

/** Where an item is looked for. */
export interface Haystack {
  archive: Archive;
  history: History;
  /** the commit that was asked for; what an item was called then counts as well */
  at?: HistoryCommit | undefined;
}

/** Candidates that a message carries. */
const mostCandidates = 50;
/** Characters of an id's beginning. */
const leastOfId = 6;

/**
 * The id of the item that a text means: an id or the beginning of one, an address of the portal, a path of the archive, or a
 * title. A title that an item bears now, or bore when it went, counts before titles of old.
 * Throws ITEM_UNKNOWN and, with all that it may mean, ITEM_AMBIGUOUS.
 */
export async function findItem(haystack: Haystack, text: string): Promise<string> {
  const { history, at } = haystack;
  const plain = text.trim().normalize('NFC');
  const latest = history.latest();
  const then = at === undefined || at === history.head ? new Map<string, Version>() : history.latest(at);
  const ids = await idsOf(haystack, plain, latest, then);
  const [id, ...others] = ids;
  if (id !== undefined && others.length === 0) return id;
  if (id === undefined) throw unknown(plain, latest);
  const candidates = candidatesOf(ids, latest);
  throw new BackupError('ITEM_AMBIGUOUS', `${ids.length} items may be meant by "${shown(plain)}".`, { candidates });
}

async function idsOf(
  haystack: Haystack,
  text: string,
  latest: ReadonlyMap<string, Version>,
  then: ReadonlyMap<string, Version>,
): Promise<string[]> {
  if (text === '') return [];
  const among = (fits: (state: State) => boolean) => {
    const both = [...latest, ...then].filter(([, version]) => fits(stateOf(version)));
    return [...new Set(both.map(([id]) => id))];
  };
  const everAmong = (fits: (state: State) => boolean) => {
    const found = among(fits);
    return found.length > 0 ? found : everBorne(haystack.history, fits);
  };
  if (/^https?:\/\//i.test(text)) return idsOfAddress(haystack, text, latest);
  if (latest.has(text.toLowerCase())) return [text.toLowerCase()];
  if (/^content\//.test(text)) {
    const path = text.replace(/\/+$/, '');
    const there = [...then, ...latest].filter(([, { after }]) => after?.path === path);
    const [now] = there;
    return now === undefined ? everAmong((state) => state.path === path) : [now[0]];
  }
  const begins = text.length >= leastOfId && /^[0-9a-f]+$/i.test(text) ? text.toLowerCase() : undefined;
  const byId = begins === undefined ? [] : [...latest.keys()].filter((id) => id.startsWith(begins));
  const exact = everAmong(({ title }) => title.normalize('NFC') === text);
  const lower = text.toLowerCase();
  const byTitle = exact.length > 0 ? exact : everAmong(({ title }) => title.normalize('NFC').toLowerCase() === lower);
  return [...new Set([...byId, ...byTitle])];
}

function everBorne({ commits }: History, fits: (state: State) => boolean): string[] {
  const ids = new Set<string>();
  for (const { changes } of commits)
    for (const [id, { before, after }] of changes) if ((before && fits(before)) || (after && fits(after))) ids.add(id);
  return [...ids];
}

/** An address names an item by its id, or a service, which the records of the items name. */
async function idsOfAddress(
  { archive }: Haystack,
  address: string,
  latest: ReadonlyMap<string, Version>,
): Promise<string[]> {
  const named = [...address.toLowerCase().matchAll(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g)].map(([id]) => id);
  const ids = [...new Set(named)].filter((id) => latest.has(id));
  const service = serviceOf(address);
  if (ids.length > 0 || service === undefined) return ids;
  const found: string[] = [];
  for (const [id, version] of latest) {
    const state = stateOf(version);
    const own = state.uses === undefined ? await readOwnService(archive, state) : state.uses.service;
    if (own !== undefined && serviceOf(own) === service) found.push(id);
  }
  return found;
}

/** Of an item whose backup.json does not say it. */
async function readOwnService(archive: Archive, state: State): Promise<string | undefined> {
  if (!/service|layer|scene|map/i.test(state.type)) return undefined;
  return ownService((await recordOf(archive, state))?.['url']);
}

/** What a list of items says of each. */
export function candidatesOf(ids: readonly string[], latest: ReadonlyMap<string, Version>): Candidate[] {
  return ids.slice(0, mostCandidates).flatMap((id) => {
    const version = latest.get(id);
    if (version === undefined) return [];
    const { title, owner, type, path } = stateOf(version);
    return [{ itemId: id, title, owner, type, path, removed: removedOf(version) }];
  });
}

/** When and with which commit an item went; null while it is there. */
export function removedOf({ op, commit }: Version): Candidate['removed'] {
  return op === 'removed' ? { commit: commit.oid, time: iso(commit.time) } : null;
}

function unknown(text: string, latest: ReadonlyMap<string, Version>): BackupError {
  const lower = text.toLowerCase();
  const like = [...latest].filter(
    ([, version]) => lower !== '' && stateOf(version).title.toLowerCase().includes(lower),
  );
  const candidates = candidatesOf(
    like.map(([id]) => id),
    latest,
  );
  const more = candidates.length > 0 ? { candidates, hint: 'Name one of these by its id, or its whole title.' } : {};
  return new BackupError('ITEM_UNKNOWN', `No item of the archive is called "${shown(text)}", and none ever was.`, more);
}

function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
