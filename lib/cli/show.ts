import { numberOf, oneLine, readable, titleOf } from '../backup/words.ts';
import { namedCommit, readAt } from '../history/at.ts';
import { confirm } from '../history/confirm.ts';
import { findItem } from '../history/find-item.ts';
import { showItem, type Shown } from '../history/show.ts';
import type { Use } from '../history/uses.ts';
import { versionAt } from '../history/version-at.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { readStatus, say, table, withHistory, type OpenHistory } from './history.ts';
import { shortTime } from './log.ts';
import { printJson } from './printable.ts';

/** Parts and uses that a terminal shows; `--json` has all. */
const mostShown = 20;

/** Shows an item as it was. Exit status 0, 3 when some of the history could not be read. */
export function show(env: Environment, options: CommonOptions & { at: string }, item: string): Promise<number> {
  return withHistory(env, (open) => tellItem(open, options, item));
}

async function tellItem(
  { archive, history, now }: OpenHistory,
  { json, at: text }: CommonOptions & { at: string },
  item: string,
): Promise<number> {
  const at = readAt(text, now);
  const commit = namedCommit(history, at);
  const id = await findItem({ archive, history, at: commit }, item);
  const version = versionAt(history, id, at);
  await confirm(archive, version);
  const shown = await showItem(archive, history, version);
  if (json === true) printJson(shown);
  else say(linesOf(shown));
  return readStatus(history);
}

function linesOf({ item, version, parts, layers, sharing, notes, uses, usedBy, versions }: Shown): string[] {
  const record = item.record ?? {};
  const field = (name: string) =>
    typeof record[name] === 'string' && record[name] !== '' ? oneLine(record[name]) : undefined;
  const groups = (sharing?.groups ?? []).map(({ id, title }) => oneLine(title ?? id)).join(', ');
  const facts = [
    ['owner', oneLine(version.owner)],
    ['path', oneLine(version.path)],
    [
      'version',
      `${shortTime(version.time)}, commit ${version.commit.slice(0, 10)}; ${numberOf(versions, 'version')} in all`,
    ],
    ['removed', item.removed === null ? undefined : shortTime(item.removed.time)],
    ['summary', field('snippet')],
    ['address', field('url')],
    [
      'sharing',
      sharing === null ? undefined : [sharing.access ?? '?', groups].filter((each) => each !== '').join('; '),
    ],
  ].flatMap(([name, text]) => (text === undefined ? [] : [[`  ${name}`, text]]));
  return [
    `${oneLine(titleOf({ title: version.title, itemId: item.itemId }))} (${oneLine(version.type)}, ${item.itemId})`,
    ...table(facts),
    ...section(
      'layers',
      layers.map((layer) => [
        String(layer.id),
        oneLine(layer.name),
        layer.rows === null ? '? rows' : numberOf(layer.rows, 'row'),
      ]),
    ),
    ...section(
      'parts',
      parts.map((part) => [oneLine(part.path), readable(part.size)]),
    ),
    ...section(
      'notes',
      notes.map((note) => [oneLine(typeof note === 'string' ? note : String((note as { text?: unknown }).text))]),
    ),
    ...section('uses', uses.map(useLine)),
    ...section(
      'used by, and would miss it',
      usedBy.map((user) => [...useLine(user), user.depth > 1 ? `through ${user.depth - 1} others` : '']),
    ),
  ];
}

function section(name: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const hidden = rows.length - mostShown;
  const lines = table(rows.slice(0, mostShown)).map((line) => `    ${line}`);
  return [`  ${name} (${rows.length})`, ...lines, ...(hidden > 0 ? [`    and ${hidden} more: --json`] : [])];
}

function useLine({ itemId, title, owner, type, url }: Use): string[] {
  if (title === null) return [itemId ?? oneLine(url ?? ''), 'not in this archive'];
  return [
    itemId ?? '',
    `${oneLine(titleOf({ title, itemId: itemId ?? '' }))} (${oneLine(type ?? '')}, ${oneLine(owner ?? '')})`,
  ];
}
