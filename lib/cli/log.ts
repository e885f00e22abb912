import { oneLine, readable, titleOf } from '../backup/words.ts';
import { readTime } from '../history/at.ts';
import type { VersionText } from '../history/describe.ts';
import { findItem } from '../history/find-item.ts';
import { pastArchive } from '../history/held-archive.ts';
import { logCommits, logItem, type CommitText, type LogFilter } from '../history/log.ts';
import { usersFolder } from '../history/old-items.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { readStatus, say, table, withHistory, type OpenHistory } from './history.ts';
import { printJson } from './printable.ts';

/** Options of `log`. */
export interface LogOptions extends CommonOptions {
  since?: string;
  until?: string;
  user: string[];
  type: string[];
  limit: number;
}

/** The versions of an item, or without one the commits. Exit status 0, 3 when some of the history could not be read. */
export function log(env: Environment, options: LogOptions, item?: string): Promise<number> {
  return withHistory(env, (open) => tellLog(open, options, item), pastArchive);
}

async function tellLog({ archive, history, now }: OpenHistory, options: LogOptions, item?: string): Promise<number> {
  const { json, since, until, user: users, type: types, limit } = options;
  const filter: LogFilter = {
    since: since === undefined ? undefined : readTime(since, now, 'start'),
    until: until === undefined ? undefined : readTime(until, now, 'end'),
    users,
    types,
    limit,
  };
  if (item === undefined) {
    const found = await logCommits(archive, history, filter);
    if (json === true) printJson(found);
    else say(table(found.commits.flatMap(commitLines)));
  } else {
    const found = await logItem(archive, history, await findItem({ archive, history }, item), filter);
    const { itemId, title, owner, type, removed } = found.item;
    const gone = removed === null ? '' : `, removed ${shortTime(removed.time)}`;
    if (json === true) printJson(found);
    else
      say([
        `${oneLine(titleOf({ title, itemId }))} (${oneLine(type)}, ${oneLine(owner)}, ${itemId})${gone}`,
        ...table(found.versions.map(versionLine)),
      ]);
  }
  return readStatus(history);
}

function versionLine({ commit, time, op, what, title, path, size, layers }: VersionText): string[] {
  const rows = layers.map((layer) => `${oneLine(layer.name)} ${layer.rows ?? '?'}`).join(', ');
  const place = op === 'moved' ? ` to ${oneLine(path)}` : '';
  const detail = [op === 'changed' || op === 'moved' ? what.join(', ') : '', rows === '' ? '' : `rows: ${rows}`];
  const text = [oneLine(title) + place, ...detail].filter((each) => each !== '').join('; ');
  // The old script wrote down no sizes.
  const isUnknown = op === 'removed' || path.startsWith(`${usersFolder}/`);
  return [commit.slice(0, 10), shortTime(time), op, isUnknown ? '' : readable(size), text];
}

function commitLines({ commit, time, subject, warnings }: CommitText): string[][] {
  const own = [commit.slice(0, 10), shortTime(time), oneLine(subject)];
  return [
    own,
    ...warnings.map((warning) => [
      '',
      '',
      `! ${warning.code === 'NOTICE' ? '' : `${warning.code}: `}${oneLine(warning.title)} ${oneLine(warning.message)}`.replace(
        / +/g,
        ' ',
      ),
    ]),
  ];
}

/** 2026-11-20 02:00 */
export function shortTime(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
