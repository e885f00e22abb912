import type { Archive } from '../archive/archive.ts';
import { numberOf, oneLine, readable, titleOf } from '../backup/words.ts';
import { BackupError, isCode } from '../errors.ts';
import { commitAt, readAt, type At } from '../history/at.ts';
import { confirm } from '../history/confirm.ts';
import { diffItem, diffItems, type ChangedItem, type ItemDiff } from '../history/diff/diff.ts';
import type { ItemChange } from '../history/diff/item-changes.ts';
import { findItem, type Haystack } from '../history/find-item.ts';
import type { State } from '../history/history.ts';
import { versionAt } from '../history/version-at.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { readStatus, say, table, withHistory, type OpenHistory } from './history.ts';
import { shortTime } from './log.ts';
import { printable, printJson } from './printable.ts';

/** Options of `diff`. */
export interface DiffOptions extends CommonOptions {
  /** print git's own diff */
  patch?: boolean;
}

/** Changes of one file that a terminal shows; `--json` has all. */
const mostShown = 40;

/** `diff ITEM [FROM [TO]]`: between two versions of an item; `diff FROM TO`: which items. Exit status 0, 3 when some of the history could not be read. */
export async function diff(env: Environment, options: DiffOptions, words: readonly string[]): Promise<number> {
  if (words.length > 3) throw new BackupError('USAGE', 'diff takes ITEM, FROM and TO.');
  if (options.patch === true && options.json === true)
    throw new BackupError('USAGE', '--patch and --json do not go together.');
  return withHistory(env, (open) => tellDiff(open, options, words));
}

async function tellDiff(
  { archive, history, now }: OpenHistory,
  { json, patch }: DiffOptions,
  words: readonly string[],
): Promise<number> {
  const [first = '', second, third] = words;
  if (words.length === 2 && second !== undefined && (await areTimes({ archive, history }, first, second, now))) {
    const [from, to] = [commitAt(history, readAt(first, now)), commitAt(history, readAt(second, now))];
    const found = diffItems(history, from, to);
    const [old, later] = [history.latest(from), history.latest(to)];
    if (patch === true)
      for (const { itemId } of found.changes) await sayPatch(archive, old.get(itemId)?.after, later.get(itemId)?.after);
    else if (json === true) printJson(found);
    else say([...table(found.changes.map(itemLine)), numberOf(found.changes.length, 'item')]);
    return readStatus(history);
  }
  const from: At = second === undefined ? { is: 'previous' } : readAt(second, now);
  const to: At = third === undefined ? { is: 'latest' } : readAt(third, now);
  const id = await findItem({ archive, history }, first);
  const versions = [versionAt(history, id, from), versionAt(history, id, to)] as const;
  for (const version of versions) await confirm(archive, version);
  if (patch === true) {
    await sayPatch(archive, versions[0].after, versions[1].after);
    return readStatus(history);
  }
  const found = await diffItem(archive, ...versions);
  if (json === true) printJson(found);
  else say(linesOf(found));
  return readStatus(history);
}

/** As it is where a program reads it; a terminal gets no control characters. */
async function sayPatch(archive: Archive, before: State | undefined, after: State | undefined): Promise<void> {
  const { itemPatch } = await import('../history/diff/patch.ts');
  const text = await itemPatch(archive, before, after);
  process.stdout.write(process.stdout.isTTY ? printable(text) : text);
}

/** Are these FROM and TO? What may be an item as well is one, unless no item fits. */
async function areTimes(haystack: Haystack, first: string, second: string, now: number): Promise<boolean> {
  if (!isTime(first, now) || !isTime(second, now)) return false;
  try {
    await findItem(haystack, first);
    return false;
  } catch (error) {
    if (isCode(error, 'ITEM_AMBIGUOUS')) return false;
    if (!isCode(error, 'ITEM_UNKNOWN')) throw error;
    return true;
  }
}

function isTime(text: string, now: number): boolean {
  try {
    readAt(text, now);
    return true;
  } catch (error) {
    if (!isCode(error, 'USAGE')) throw error;
    return false;
  }
}

function itemLine({ itemId, title, owner, type, kind, after }: ChangedItem): string[] {
  const text = `${oneLine(titleOf({ title, itemId }))} (${oneLine(type)}, ${oneLine(owner)})`;
  return [itemId, kind, kind === 'moved' ? `${text} to ${oneLine(after ?? '')}` : text];
}

function linesOf({ item, from, to, changes }: ItemDiff): string[] {
  const head = `${oneLine(titleOf(item))} (${oneLine(item.type)}, ${oneLine(item.owner)}, ${item.itemId})`;
  const lines = [
    head,
    `${shortTime(from.time)} (${from.commit.slice(0, 10)}) → ${shortTime(to.time)} (${to.commit.slice(0, 10)})`,
  ];
  if (changes.length === 0) lines.push('  no difference');
  for (const [part, own] of Map.groupBy(changes, (change) => change.part)) {
    lines.push(`  ${oneLine(part)}`, ...own.slice(0, mostShown).map((change) => `    ${changeLine(change)}`));
    if (own.length > mostShown) lines.push(`    and ${own.length - mostShown} more: --json`);
  }
  return lines;
}

function changeLine({ kind, path, before, after }: ItemChange): string {
  const place = oneLine(path, 300);
  const at = place === '' ? '' : `${place}: `;
  if (kind === 'added') return `+ ${at}${shown(after)}`;
  if (kind === 'removed') return `- ${at}${shown(before)}`;
  const order = kind === 'moved' && path !== '' ? 'order ' : '';
  return `${at}${order}${shown(before)} → ${shown(after)}`;
}

function shown(value: unknown): string {
  if (isFile(value)) return readable(value.size);
  return oneLine(typeof value === 'string' && value !== '' ? value : JSON.stringify(value), 120);
}

function isFile(value: unknown): value is { size: number; sha256: string } {
  return (
    value !== null &&
    typeof value === 'object' &&
    'sha256' in value &&
    'size' in value &&
    typeof value.size === 'number'
  );
}
