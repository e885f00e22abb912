import type { Archive } from '../archive/archive.ts';
import { readRecord } from '../archive/runs/run-record.ts';
import { matches } from '../backup/leave-out.ts';
import { warningsJson, type WarningJson } from '../backup/record-json.ts';
import { runOf } from '../backup/report.ts';
import { chunks } from '../storage/json-blobs.ts';
import { iso } from './at.ts';
import { itemText, versionText, type ItemText, type VersionText } from './describe.ts';
import type { PastArchive } from './held-archive.ts';
import { type Change, type History, type HistoryCommit, type Version } from './history.ts';

/** What `log` is limited to. */
export interface LogFilter {
  /** epoch ms, inclusive */
  since?: number | undefined;
  /** epoch ms, exclusive */
  until?: number | undefined;
  /** patterns with `*`; none = all */
  users: readonly string[];
  types: readonly string[];
  limit: number;
}

/** A commit as `log` tells it. */
export interface CommitText {
  commit: string;
  /** ISO 8601 */
  time: string;
  /** the first line of its message */
  subject: string;
  /** null where a person made it */
  runId: string | null;
  added: number;
  changed: number;
  moved: number;
  removed: number;
  /** null where no run record says */
  failed: number | null;
  warnings: readonly WarningJson[];
}

/** Versions, or commits, that are read at the same time: as many as are told when nobody says how many. */
const atOnce = 50;

/** The versions of one item, newest first. */
export async function logItem(
  archive: Archive & Partial<PastArchive>,
  history: History,
  id: string,
  filter: LogFilter,
): Promise<{ item: ItemText; versions: VersionText[] }> {
  const all = history.versions(id);
  const [latest] = all;
  if (latest === undefined) throw new TypeError(`${id} has no version`);
  const wanted = all.filter((version) => isWithin(version.commit, filter) && isOf(version, filter));
  const versions: VersionText[] = [];
  const told = wanted.slice(0, filter.limit);
  // Else an item that changed lately would cost the indexes of all nights.
  await archive.expect?.(told.map(({ commit }) => history.commits.indexOf(commit)));
  for await (const group of chunks(told, atOnce))
    versions.push(...(await Promise.all(group.map((version) => versionText(archive, version)))));
  return { item: itemText(latest), versions };
}

/** The commits, newest first, with what each did; with members or types only those that changed items of these. */
export async function logCommits(
  archive: Archive,
  history: History,
  filter: LogFilter,
): Promise<{ commits: CommitText[] }> {
  const isNarrow = filter.users.length + filter.types.length > 0;
  const wanted = history.commits
    .filter((commit) => isWithin(commit, filter))
    .map((commit) => ({ commit, changes: [...commit.changes.values()].filter((change) => isOf(change, filter)) }))
    .filter(({ changes }) => !isNarrow || changes.length > 0);
  const commits: CommitText[] = [];
  for await (const group of chunks(wanted.slice(0, filter.limit), atOnce))
    commits.push(...(await Promise.all(group.map(({ commit, changes }) => commitText(archive, commit, changes)))));
  return { commits };
}

async function commitText({ store }: Archive, commit: HistoryCommit, changes: readonly Change[]): Promise<CommitText> {
  const runId = runOf(commit.message) ?? null;
  const record = runId === null ? undefined : await readRecord(store, runId);
  const count = (fits: (change: Change) => boolean) => changes.filter(fits).length;
  const stayed = ({ before, after }: Change) => before !== undefined && after !== undefined;
  return {
    commit: commit.oid,
    time: iso(commit.time),
    subject: commit.message.split('\n', 1)[0] ?? '',
    runId,
    added: count(({ before }) => before === undefined),
    changed: count((change) => stayed(change) && change.before?.path === change.after?.path),
    moved: count((change) => stayed(change) && change.before?.path !== change.after?.path),
    removed: count(({ after }) => after === undefined),
    failed: record?.failed ?? null,
    warnings: record ? warningsJson(record) : [],
  };
}

function isWithin({ time }: HistoryCommit, { since = -Infinity, until = Infinity }: LogFilter): boolean {
  return time >= since && time < until;
}

function isOf(change: Change | Version, { users, types }: LogFilter): boolean {
  const states = [change.before, change.after].filter((state) => state !== undefined);
  const fits = (patterns: readonly string[], text: (state: (typeof states)[number]) => string) =>
    patterns.length === 0 || states.some((state) => patterns.some((pattern) => matches(pattern, text(state))));
  return fits(users, ({ owner }) => owner) && fits(types, ({ type }) => type);
}
