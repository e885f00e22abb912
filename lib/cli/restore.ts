import { createInterface } from 'node:readline/promises';
import type { Restores } from '../api/restores.ts';
import { app, replaceParts } from '../app.ts';
import { numberOf, oneLine } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import { listRestores } from '../restore/journal/list.ts';
import type { Restore } from '../restore/journal/restore.ts';
import { isSameWork } from '../restore/plan/same-work.ts';
import { phaseNames, type AskedMode, type RestoreResult } from '../restore/words.ts';
import type { Environment } from '../settings/table.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { table } from './history.ts';
import { printable, printJson } from './printable.ts';
import { csvOf, planLines, resultLines } from './restore-lines.ts';

/** Options of `restore`. */
export interface RestoreOptions extends CommonOptions {
  at: string;
  mode: AskedMode;
  only?: string[];
  user: string[];
  folder: string[];
  group: string[];
  all?: boolean;
  rows?: 'all' | 'missing' | 'changed';
  fields?: string[];
  withUses?: boolean;
  owner?: string;
  widenSharing?: boolean;
  repoint?: boolean;
  dryRun?: boolean;
  csv?: boolean;
  yes?: boolean;
  undo?: string;
  resume?: string;
  list?: boolean;
}

/** Puts items back into the portal. Exit status 0 all of them, 3 some, 1 none. Throws USAGE, RESTORE_…. */
export async function restore(env: Environment, options: RestoreOptions, items: readonly string[]): Promise<number> {
  refuseUnclear(options, items);
  if (options.list === true) return list(env, options);
  replaceParts({ env });
  const { restores } = app();
  if (options.resume !== undefined) return end(await restores.resume(options.resume, tell), options);
  for (let again = false; ; again = true) {
    const planned = await plan(restores, options, items);
    if (options.dryRun === true) return show(planned, options);
    say([...(again ? ['The portal has changed meanwhile. What would be done now:'] : []), ...planLines(planned.plan)]);
    if (planned.plan.order.length === 0 || options.yes === true)
      return end(await restores.start(planned, tell), options);
    await ask(planned);
    // While a person thought about it somebody may have edited.
    if (isSameWork(planned, await plan(restores, options, items)))
      return end(await restores.start(planned, tell), options);
  }
}

function plan(restores: Restores, options: RestoreOptions, items: readonly string[]): Promise<Restore> {
  if (options.undo !== undefined) return restores.planUndo(options.undo);
  const { at, mode, only, user, folder, group, all, withUses, owner, widenSharing, repoint, rows, fields } = options;
  return restores.plan({
    items,
    users: user,
    folders: folder,
    groups: group,
    at,
    mode,
    owner,
    rows,
    fields,
    ...(only && { only }),
    ...(all && { all }),
    ...(withUses && { withUses }),
    ...(widenSharing && { widenSharing }),
    ...(repoint && { repoint }),
  });
}

function refuseUnclear(options: RestoreOptions, items: readonly string[]): void {
  const { undo, resume, list: lists, user, folder, group, all, csv, dryRun } = options;
  const isNamed = items.length > 0 || user.length > 0 || folder.length > 0 || group.length > 0 || all === true;
  const ways = [isNamed, undo !== undefined, resume !== undefined, lists === true];
  if (ways.filter(Boolean).length !== 1)
    throw new BackupError(
      'USAGE',
      'One of these is needed: ITEM, --user, --folder, --group or --all; --undo; --resume; --list.',
    );
  if (csv === true && dryRun !== true) throw new BackupError('USAGE', '--csv goes with --dry-run.');
  if (csv === true && options.json === true)
    throw new BackupError('USAGE', '--csv and --json both want standard output.');
}

/** Throws USAGE where nobody can be asked, or the answer is no. */
async function ask({ plan: { order, target } }: Restore): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new BackupError('USAGE', 'Nothing was changed: nobody can be asked here.', {
      hint: 'Read the plan, then add --yes.',
    });
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(
      printable(`Restore ${numberOf(order.length, 'item')} into ${target.portal} as ${target.account}? (yes/no) `),
    );
    if (/^y(?:es)?$/i.test(answer.trim())) return;
  } finally {
    reader.close();
  }
  throw new BackupError('USAGE', 'Nothing was changed.', { hint: 'Answer yes to restore.' });
}

/** Of the archive alone, so that an auditor needs no account of the portal. */
async function list(env: Environment, { json }: RestoreOptions): Promise<number> {
  const all = await listRestores(archiveStore(env));
  if (json === true) printJson({ restores: all });
  const rows = all.map(({ restoreId, started, account, items, outcome, undoes }) => [
    restoreId,
    started.slice(0, 16).replace('T', ' '),
    oneLine(account),
    numberOf(items, 'item'),
    `${outcome ?? 'not ended'}${undoes === null ? '' : `, takes back ${undoes}`}`,
  ]);
  say(rows.length > 0 ? table(rows) : ['There was no restore yet.']);
  return 0;
}

function show({ plan: planned }: Restore, { json, csv }: RestoreOptions): number {
  if (json === true) printJson(planned);
  if (csv === true) process.stdout.write(csvOf(planned));
  say([...planLines(planned), 'A dry run: nothing was changed.']);
  const blocked = planned.items.filter((item) => item.blocked !== null).length;
  return blocked === 0 ? 0 : blocked === planned.items.length ? 1 : 3;
}

function end(result: RestoreResult, { json }: RestoreOptions): number {
  if (json === true) printJson(result);
  say(resultLines(result));
  return { complete: 0, partial: 3, failed: 1 }[result.outcome];
}

const say = (lines: readonly string[]) => void process.stderr.write(printable(`${lines.join('\n')}\n`));

function tell({ phase, done, total, title }: Parameters<NonNullable<Parameters<Restores['start']>[1]>>[0]): void {
  if (!process.stderr.isTTY) return;
  const what =
    phase === 'before'
      ? `${phaseNames.before}: ${numberOf(total, 'item')}`
      : `${phaseNames[phase]} ${done + 1} of ${total}: ${oneLine(title, 60)}`;
  say([what]);
}
