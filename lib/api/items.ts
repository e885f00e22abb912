import type { HttpResponseInit } from '@azure/functions';
import type { Archive } from '../archive/archive.ts';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { namedCommit, readAt, type At } from '../history/at.ts';
import { confirm, WrongIndex } from '../history/confirm.ts';
import { diffItem } from '../history/diff/diff.ts';
import { findItem } from '../history/find-item.ts';
import type { History } from '../history/history.ts';
import { listItems, type ListFilter } from '../history/list.ts';
import { logItem } from '../history/log.ts';
import { askHistory, readHistory } from '../history/read-history.ts';
import { showItem } from '../history/show.ts';
import { versionAt, type Seen } from '../history/version-at.ts';
import { partAnswer, zipAnswer } from './parts.ts';

/** Items of one answer. */
const pageSize = 100;
/** Items of one zip: more ids than an address may hold. */
const mostZipped = 200;
/** Versions of one answer: years of nights. */
const mostVersions = 5000;

/** What there is and was, as the routes and the page tell it: the words and shapes of the command's JSON. */
export type ItemsApi = ReturnType<typeof openItems>;

/** Looks into the history of an archive. It is read again when the branch has moved. */
export function openItems(archive: Archive, clock: Clock) {
  let last: { commit: string | undefined; reading: Promise<History> } | undefined;
  const historyNow = async (): Promise<History> => {
    const commit = (await archive.repository.head())?.commit;
    if (last === undefined || last.commit !== commit) last = { commit, reading: readHistory(archive) };
    const { reading } = last;
    // What failed once may be there the next time.
    reading.catch(() => (last = undefined));
    return reading;
  };
  const when = (text: string | null | undefined): At => readAt(text ?? 'latest', clock.now());
  const find = async (history: History, item: string, at: At) => {
    const commit = namedCommit(history, at);
    return findItem({ archive, history, at: commit }, item);
  };
  const versionOf = async (history: History, item: string, at: At): Promise<Seen> => {
    const version = versionAt(history, await find(history, item, at), at);
    await confirm(archive, version);
    return version;
  };
  /** Where the index turns out to be wrong, the commits themselves are read. */
  const asked = async <T>(work: (history: History) => Promise<T>): Promise<T> => {
    try {
      return await askHistory(archive, await historyNow(), work);
    } catch (error) {
      if (!(error instanceof WrongIndex)) throw error;
      const reading = readHistory(archive, new Map());
      last = { commit: (await archive.repository.head())?.commit, reading };
      return askHistory(archive, await reading, work);
    }
  };
  return {
    list: (query: URLSearchParams) =>
      asked(async (history) => {
        const filter = filterOf(query, clock.now());
        const { items, total } = await listItems(archive, history, filter);
        const next = (filter.offset ?? 0) + items.length;
        return { items, total, cursor: next < total ? String(next) : null };
      }),
    show: (item: string, at?: string | null) =>
      asked(async (history) => showItem(archive, history, await versionOf(history, item, when(at)))),
    versions: (item: string) =>
      asked(async (history) => {
        const filter = { users: [], types: [], limit: mostVersions };
        return logItem(archive, history, await find(history, item, { is: 'latest' }), filter);
      }),
    part: (item: string, at: string, path: string, range: string | null) =>
      asked<HttpResponseInit>(async (history) =>
        partAnswer(archive, await versionOf(history, item, when(at)), path, range),
      ),
    zip: (item: string, at: string) =>
      asked<HttpResponseInit>(async (history) => zipAnswer(archive, [await versionOf(history, item, when(at))])),
    zipOf: (query: URLSearchParams) =>
      asked<HttpResponseInit>(async (history) => {
        const at = query.get('at') ?? 'latest';
        const versions = new Map<string, Seen>();
        for (const item of itemsOf(query)) {
          const version = await versionOf(history, item, when(at));
          versions.set(version.after.id, version);
        }
        return zipAnswer(archive, [...versions.values()], versions.size > 1 ? `${versions.size} items` : undefined);
      }),
    diff: (item: string, from: string | null, to: string | null) =>
      asked(async (history) => {
        const [before, after] = [when(from ?? 'previous'), when(to)];
        const old = await versionOf(history, item, before);
        return diffItem(archive, old, await versionOf(history, item, after));
      }),
  };
}

/** The items that an address names. Throws USAGE. */
function itemsOf(query: URLSearchParams): string[] {
  const items = query.getAll('item').filter((item) => item.trim() !== '');
  if (items.length > 0 && items.length <= mostZipped) return items;
  throw new BackupError('USAGE', `${items.length} items are named; a zip has from 1 to ${mostZipped}.`, {
    hint: 'Name them: GET /api/zip?item=ID&item=ID; `ago-backup get --zip FILE` takes any number.',
  });
}

const states = { live: false, deleted: true, all: undefined } as const;

/** Reads what a list is asked for. Throws USAGE. */
function filterOf(query: URLSearchParams, now: number): ListFilter {
  const state = query.get('state') ?? 'live';
  const cursor = query.get('cursor') ?? '0';
  if (!Object.hasOwn(states, state)) throw new BackupError('USAGE', 'state is live, deleted or all.');
  if (!/^\d{1,9}$/.test(cursor)) throw new BackupError('USAGE', 'cursor is what the page before said.');
  return {
    text: query.get('q') ?? undefined,
    at: readAt(query.get('at') ?? 'latest', now),
    users: query.getAll('user'),
    folders: [],
    types: query.getAll('type'),
    tags: query.getAll('tag'),
    deleted: states[state as keyof typeof states],
    sort: 'path',
    limit: pageSize,
    offset: Number(cursor),
  };
}
