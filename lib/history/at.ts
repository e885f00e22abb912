import { becameOf } from '../archive/folds.ts';
import { BackupError } from '../errors.ts';
import type { History, HistoryCommit } from './history.ts';

/** When: a commit, a time, or a version counted from the last one. */
export type At =
  | { is: 'latest' }
  | { is: 'previous' }
  | { is: 'commit'; prefix: string }
  /** as it was before `until`, epoch ms */
  | { is: 'time'; until: number };

const spans = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const spanText = /^(\d{1,5})([hdw])$/i;
const dayText = /^\d{4}-\d{2}-\d{2}$/;
const momentText = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?) ?(Z|[+-]\d{2}:?\d{2})$/i;
/** As git abbreviates; shorter ones are rather numbers. */
const commitText = /^[0-9a-f]{7,40}$/i;

const forms =
  'Name a commit, a day such as 2026-11-20 (as it was at its end, UTC), a moment with its zone such as 2026-11-20T14:00Z, a span such as 3d or 2w (so long ago), `latest` or `previous`.';

/** Reads AT. Throws USAGE. @param now epoch ms */
export function readAt(text: string, now: number): At {
  const plain = text.trim();
  if (/^(latest|previous)$/i.test(plain)) return { is: plain.toLowerCase() as 'latest' | 'previous' };
  const until = timeOf(plain, now, 'end');
  if (until !== undefined) return { is: 'time', until };
  if (commitText.test(plain)) return { is: 'commit', prefix: plain.toLowerCase() };
  throw new BackupError('USAGE', `"${plain.slice(0, 100)}" is no time and no commit.`, { hint: forms });
}

/** Reads the first or the last moment of a day, a moment, or a span: epoch ms, exclusive at the end. Throws USAGE. */
export function readTime(text: string, now: number, edge: 'start' | 'end'): number {
  const time = timeOf(text.trim(), now, edge);
  if (time !== undefined) return time;
  const hint = 'Name a day such as 2026-11-20, a moment with its zone such as 2026-11-20T14:00Z, or a span such as 3d.';
  throw new BackupError('USAGE', `"${text.trim().slice(0, 100)}" is no time.`, { hint });
}

function timeOf(text: string, now: number, edge: 'start' | 'end'): number | undefined {
  const span = spanText.exec(text);
  if (span)
    return (
      now - Number(span[1]) * spans[(span[2] ?? 'd').toLowerCase() as keyof typeof spans] + (edge === 'end' ? 1 : 0)
    );
  if (dayText.test(text)) return startOfDay(text) + (edge === 'end' ? spans.d : 0);
  const moment = momentText.exec(text);
  if (!moment) return undefined;
  startOfDay(moment[1] ?? '');
  const zone = (moment[3] ?? '').toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const time = Date.parse(`${moment[1]}T${moment[2]}${zone}`);
  if (Number.isNaN(time)) throw new BackupError('USAGE', `"${text}" is no moment.`, { hint: forms });
  // A commit of that very second counts.
  return edge === 'end' ? time + 1 : time;
}

/** Date.parse takes the 31st of a month of 30 days for the 1st of the next. */
function startOfDay(day: string): number {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(day)) return time;
  throw new BackupError('USAGE', `${day} is no day.`, { hint: forms });
}

/** The commit that AT itself means; undefined of `latest` and `previous`, which count an item's own versions. Throws VERSION_UNKNOWN. */
export function namedCommit(history: History, at: At): HistoryCommit | undefined {
  return at.is === 'time' || at.is === 'commit' ? commitAt(history, at) : undefined;
}

/** The commit that holds what was at that time. Throws VERSION_UNKNOWN; of `latest` and `previous` it is the last and the one before. */
export function commitAt(history: History, at: At): HistoryCommit {
  const { commits, head } = history;
  if (head === undefined) throw unknown('The archive has no commit yet.');
  if (at.is === 'latest') return head;
  if (at.is === 'previous') {
    const before = commits.find(({ oid }) => oid === head.parents[0]);
    if (before === undefined) throw unknown('The archive has one commit only.');
    return before;
  }
  if (at.is === 'time') {
    const found = commits.find(({ time }) => time < at.until);
    if (found !== undefined) return found;
    throw unknown(
      `The archive begins at ${timeText(Math.min(...commits.map(({ time }) => time)))}; there was nothing before.`,
    );
  }
  const fitting = commits.filter(({ oid }) => oid.startsWith(at.prefix));
  if (fitting.length > 1)
    throw new BackupError('USAGE', `Several commits begin with ${at.prefix}.`, { hint: 'Name more of it.' });
  return fitting[0] ?? thinnedOut(history, at.prefix);
}

/** Not in the history under this id: only what is written down of thinning it out may tell what became of the commit. */
export class CommitGone extends BackupError {
  constructor(prefix: string) {
    super('VERSION_UNKNOWN', `The commit ${prefix} is not in the history of the archive.`);
  }
}

/** The commit that had another id before history was thinned out. Throws CommitGone, VERSION_UNKNOWN. */
function thinnedOut({ commits, folds = [] }: History, prefix: string): HistoryCommit {
  const became = becameOf(folds, prefix, (oid) => commits.some((commit) => commit.oid === oid));
  const found = commits.find(({ oid }) => oid === became?.commit);
  if (became === undefined || found === undefined) throw new CommitGone(prefix);
  if (!became.isFolded) return found;
  const [id, day] = [found.oid.slice(0, 10), timeText(found.time)];
  throw new BackupError(
    'VERSION_UNKNOWN',
    `The commit ${prefix} was thinned out (BACKUP_KEEP); the next one that was kept is ${id} of ${day}.`,
    { hint: `Ask for ${id}.` },
  );
}

function unknown(message: string): BackupError {
  return new BackupError('VERSION_UNKNOWN', message);
}

/** A moment for people: 2026-11-20 02:00:07Z. */
export function timeText(time: number): string {
  return new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** A moment for machines. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}
