import { numberOf, oneLine, readable, titleOf } from '../backup/words.ts';
import { readAt, readTime } from '../history/at.ts';
import { listItems, type ListedItem, type Order } from '../history/list.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { readStatus, say, table, withHistory, type OpenHistory } from './history.ts';
import { shortTime } from './log.ts';
import { printJson } from './printable.ts';

/** Options of `ls`. */
export interface LsOptions extends CommonOptions {
  at: string;
  user: string[];
  folder: string[];
  type: string[];
  tag: string[];
  deleted?: boolean;
  changedSince?: string;
  sort: Order;
  limit: number;
}

/** Items as they stood. Exit status 0, 3 when some of the history could not be read. */
export function ls(env: Environment, options: LsOptions, text?: string): Promise<number> {
  return withHistory(env, (open) => tellItems(open, options, text));
}

async function tellItems({ archive, history, now }: OpenHistory, options: LsOptions, text?: string): Promise<number> {
  const { json, at, user: users, folder: folders, type: types, tag: tags, deleted = false, sort, limit } = options;
  const { changedSince } = options;
  const since = changedSince === undefined ? undefined : readTime(changedSince, now, 'start');
  const filter = { text, at: readAt(at, now), users, folders, types, tags, deleted, changedSince: since, sort, limit };
  const found = await listItems(archive, history, filter);
  if (json === true) printJson(found);
  else {
    const hidden = found.total - found.items.length;
    say(table(found.items.map(itemLine)));
    say([
      hidden > 0
        ? `${found.items.length} of ${numberOf(found.total, 'item')}; --limit shows more`
        : numberOf(found.total, 'item'),
    ]);
  }
  return readStatus(history);
}

function itemLine({ itemId, title, owner, type, size, changed, removed }: ListedItem): string[] {
  const when = removed === null ? `changed ${shortTime(changed.time)}` : `removed ${shortTime(removed.time)}`;
  return [itemId, when, readable(size), oneLine(owner), oneLine(type), oneLine(titleOf({ title, itemId }))];
}
