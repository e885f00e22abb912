import { momentText, numberOf, oneLine, readable, titleOf } from '../backup/words.ts';
import {
  itemsInOrder,
  type Plan,
  type PlannedItem,
  type PlannedLayer,
  type Pointing,
  type RestoreResult,
} from '../restore/words.ts';
import { table } from './history.ts';

/** Entries of each list that a terminal shows. */
const most = 50;

/** What a person decides by. */
export function planLines(plan: Plan): string[] {
  const { target, items, order, needs, warnings, dangling, pointing = [] } = plan;
  const title = (id: string | null) => {
    const item = items.find(({ itemId }) => itemId === id);
    return item === undefined ? (id ?? 'all') : nameOf(item);
  };
  const rows = items.map((item) => [
    item.itemId.slice(0, 8),
    oneLine(titleOf(item), 44),
    oneLine(item.type, 25),
    oneLine(item.owner, 20),
    item.savedAt === undefined ? '' : momentText(item.savedAt),
    item.state,
    item.blocked === null ? item.mode : 'not restored',
    item.blocked === null ? whatOf(item) : `${item.blocked.code}: ${oneLine(item.blocked.message, 500)}`,
  ]);
  const lines = [
    `Into ${target.portal}, organization ${oneLine(target.organization)}, as ${oneLine(target.account)}:`,
    ...table(rows.slice(0, most)),
    ...(rows.length > most ? [`and ${rows.length - most} more: --json or --csv`] : []),
  ];
  for (const { itemId, blocked } of items.slice(0, most))
    if (blocked !== null) lines.push(`! ${title(itemId)}: ${oneLine(blocked.hint, 500)}`);
  for (const { itemId, message } of warnings.slice(0, most)) lines.push(`! ${title(itemId)}: ${oneLine(message, 500)}`);
  for (const { itemId, layers = [] } of items.slice(0, most))
    for (const layer of layers.slice(0, most)) lines.push(...layerLines(title(itemId), layer));
  for (const { itemId, names } of dangling.slice(0, most))
    lines.push(`! ${title(itemId)} names ${names}, which is not there.`);
  lines.push(...pointingLines(pointing.filter(({ itemId }) => !items.some((item) => item.itemId === itemId))));
  if (needs.privileges.length > 0) lines.push(`! The account lacks ${needs.privileges.join(', ')}.`);
  const left = items.length - order.length;
  lines.push(
    `${numberOf(order.length, 'item')} to restore, about ${numberOf(needs.requests, 'write')}, ${readable(needs.bytes)}${left > 0 ? `; ${left} not` : ''}.`,
  );
  return lines;
}

/** Short enough to stand in a sentence. */
const nameOf = (item: { title: string; itemId: string }) => oneLine(titleOf(item), 60);

/** Who names what is made anew as it was called, and what can be done about it. */
function pointingLines(pointing: readonly Pointing[]): string[] {
  if (pointing.length === 0) return [];
  const lines = pointing.slice(0, most).map(({ itemId, title, type, owner, names }) => {
    const who = `${oneLine(title, 60)} (${oneLine(type, 25)} of ${oneLine(owner, 20)}, ${itemId})`;
    return `! ${who} names ${oneLine(names.join(', '), 200)}, which is called otherwise when it is made anew.`;
  });
  if (pointing.length > most) lines.push(`! and ${pointing.length - most} more: --json`);
  return [...lines, '! With --repoint these get the new names.'];
}

/** How many rows of each kind, and which the first of them are. */
function layerLines(title: string, { name, then, now, missing, changed, added, first }: PlannedLayer): string[] {
  const layer = `  ${title}, ${oneLine(name, 40)}:`;
  if (missing === null)
    return [`${layer} ${numberOf(then ?? 0, 'row')}, compared when the portal has made a private copy of the version`];
  const counts = `${missing} missing, ${changed ?? 0} changed, ${added ?? 0} added since`;
  const rows = first.map(({ is, key, fields }) => {
    const which = fields.length > 0 ? ` (${oneLine(fields.join(', '), 100)})` : '';
    return `    ${is} ${oneLine(key, 60)}${which}`;
  });
  return [`${layer} ${numberOf(then ?? 0, 'row')} then, ${now ?? 'no layer'} now; ${counts}`, ...rows];
}

function whatOf({ steps, overwrites }: PlannedItem): string {
  if (steps.length === 0) return 'is as it was';
  const kept = overwrites.length > 0 ? 'overwrites ' : '';
  return oneLine(`${kept}${steps.map(({ step }) => step).join(', ')}`, 200);
}

/** The steps as a table for a team that shares out the work. */
export function csvOf(plan: Plan): string {
  const before = new Map(plan.order.map((id, n) => [id, plan.order[n - 1] ?? '']));
  const rows = [['step', 'itemId', 'title', 'type', 'owner', 'mode', 'danger', 'what', 'depends on', 'by hand']];
  for (const { itemId, title, type, owner, mode, steps, blocked } of itemsInOrder(plan)) {
    if (blocked !== null) rows.push(['', itemId, title, type, owner, mode, '', blocked.message, '', blocked.hint]);
    for (const { step, danger, what } of steps)
      rows.push([step, itemId, title, type, owner, mode, String(danger), what, before.get(itemId) ?? '', '']);
  }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A cell after RFC 4180; a text that a spreadsheet would take for a formula is one no more. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** What a person reads at the end. */
export function resultLines({ restoreId, outcome, items, beforeCommit, ids, pointing = [] }: RestoreResult): string[] {
  const count = (which: string) => items.filter((item) => item.outcome === which).length;
  const lines = [
    `Restore ${outcome}: ${count('restored')} restored, ${count('equivalent')} equivalent, ${count('different')} different, ${count('failed')} failed`,
  ];
  const name = (id: string) => {
    const title = items.find(({ itemId }) => itemId === id)?.title;
    return title === undefined ? id : nameOf({ title, itemId: id });
  };
  for (const [old, now] of Object.entries(ids).slice(0, most)) lines.push(`  ${name(old)}, once ${old}, is ${now} now`);
  for (const { itemId, outcome: how, differences, code, message, hint } of items.slice(0, most)) {
    if (how === 'failed') lines.push(`! ${name(itemId)}: ${code ?? ''}: ${oneLine(message ?? '', 500)}`);
    if (how === 'failed' && hint !== undefined) lines.push(`  ${oneLine(hint, 500)}`);
    if (how === 'different' || how === 'equivalent')
      lines.push(
        `! ${name(itemId)}: ${how}: ${differences.map(({ part, what }) => `${part} (${oneLine(what, 60)})`).join(', ')}`,
      );
  }
  for (const { itemId, title, names } of pointing.slice(0, most))
    lines.push(`! ${oneLine(title, 60)} (${itemId}) still names ${oneLine(names.join(', '), 200)}`);
  if (pointing.length > most) lines.push(`! and ${pointing.length - most} more name what has other names now: --json`);
  if (beforeCommit !== null) lines.push(`What was there before is commit ${beforeCommit}`);
  lines.push(`To take it back: ago-backup restore --undo ${restoreId}`);
  return lines;
}
