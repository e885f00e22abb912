import { acceptedLines, failureText, gapsText, lossLines, newArchiveText } from '../backup/report.ts';
import { numberOf, oneLine, readable, titleOf } from '../backup/words.ts';
import type { LeftOut, RunLists } from '../backup/changes.ts';
import { recordJson } from '../backup/record-json.ts';
import type { RunRecord, RunRequest } from '../backup/run.ts';
import { checkRunRequest } from '../api/answers.ts';
import { singleton } from '../api/runs.ts';
import { app, replaceParts } from '../app.ts';
import { logLine, type LogEvent } from '../monitor/log.ts';
import { BackupError, toFailure, type ErrorCode } from '../errors.ts';
import { systemClock } from '../clock.ts';
import type { Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { interrupted, onInterrupt } from './interrupt.ts';
import { startLocalHost } from './local-host.ts';
import { printJson } from './printable.ts';
import { createProgress, type Progress } from './progress.ts';

/** Options of `ago-backup run`. */
export interface RunOptions extends CommonOptions {
  user: string[];
  item: string[];
  force?: boolean;
  acceptPrune?: boolean;
  newArchive?: boolean;
  dryRun?: boolean;
  log?: boolean;
}

/** One backup now, through the same functions as every night. The exit status. */
export async function run(env: Environment, options: RunOptions): Promise<number> {
  const request = checkRunRequest({
    users: options.user,
    items: options.item,
    force: options.force ?? false,
    acceptPrune: options.acceptPrune ?? false,
    newArchive: options.newArchive ?? false,
  });
  if (options.dryRun === true) return rehearse(env, options, request);
  const progress = createProgress(process.stderr, options.log === true ? 'lines' : 'auto', systemClock);
  const local = await startLocalHost(env, progress.hear, { atWork: progress.work });
  try {
    const record = await runOnce(local, request, progress);
    progress.stop();
    show(record, await local.app.readLists(record.runId), options);
    return exitStatus(record);
  } finally {
    progress.stop();
    await local.host.close();
  }
}

/** What a run would do now; the exit status that it would have. */
async function rehearse(env: Environment, options: RunOptions, request: RunRequest): Promise<number> {
  const { dryRun, newDryRun } = await import('../dry-run/dry-run.ts');
  const progress = createProgress(process.stderr, options.log === true ? 'lines' : 'auto', systemClock);
  replaceParts({ env });
  try {
    const hear = (event: LogEvent) => progress.hear(logLine(event), event);
    const { deps } = app();
    const rehearsed = await deps.lanes.run(() => dryRun(deps, newDryRun(deps, request), hear));
    const { changes, leftOut, ...record } = rehearsed;
    progress.stop();
    if (options.json === true) printJson({ ...recordJson(record), changes, leftOut });
    const lines = [...summary(record), ...listLines({ changes, leftOut })].join('\n');
    process.stderr.write(`${lines}\nA dry run: nothing was fetched, and nothing was changed.\n`);
    return exitStatus(record);
  } finally {
    progress.stop();
  }
}

/**
 * One run in this host, from its start to its record. Ctrl-C cancels it: what it has in the portal is deleted, and what it
 * fetched stays for the next one. Throws RUN_ACTIVE.
 */
export async function runOnce(
  { host, app }: LocalFunctions,
  request: RunRequest,
  progress?: Pick<Progress, 'stop'>,
): Promise<RunRecord> {
  const ask = (method: string, path: string, body = '') => host.request({ method, path, headers: {}, body });
  const answer = await ask('POST', '/api/backups', JSON.stringify(request));
  if (answer.status !== 202) throw refusalIn(answer.body);
  const { runId } = JSON.parse(answer.body) as { runId: string };
  let ending: Promise<unknown> | undefined;
  const leave = () => progress?.stop();
  const end = () => {
    leave();
    process.stderr.write('Ending the run; temporary exports are deleted from the portal. Ctrl-C again ends at once.\n');
    ending = ask('DELETE', `/api/backups/${runId}`).then(({ status }) => {
      // 404: it has ended by itself. A store that cannot take the end of the run would not let the run end.
      if (status >= 500) process.exit(interrupted);
    });
  };
  const release = onInterrupt({ end, leave });
  try {
    const { error } = await host.completed(singleton);
    await ending;
    return await readEnd(app, runId, error);
  } finally {
    release();
  }
}

type LocalFunctions = Awaited<ReturnType<typeof startLocalHost>>;

/** What the API says when it starts no run, as the error that it is. */
function refusalIn(body: string): BackupError {
  const { code, title, hint } = JSON.parse(body) as { code: ErrorCode; title: string; hint: string };
  return new BackupError(code, title, { hint });
}

async function readEnd(app: LocalFunctions['app'], runId: string, error: unknown) {
  try {
    const record = await app.readRecord(runId);
    if (record !== undefined) return record;
  } catch (lost) {
    // The store is what failed, so it has no record; what the run said is shown instead.
    if (error === undefined) throw lost;
  }
  const silent = new BackupError('RUN_DEAD', 'The run ended without a word.');
  return app.lostRecord(runId, toFailure(error ?? silent));
}

function exitStatus({ outcome }: RunRecord): number {
  return { complete: 0, partial: 3, failed: 1, cancelled: interrupted }[outcome];
}

/** People read standard error; standard output is for `--json`. */
function show(record: RunRecord, lists: RunLists, { json }: RunOptions): void {
  if (json === true) printJson({ ...recordJson(record), ...lists });
  process.stderr.write(`${[...summary(record), ...listLines(lists)].join('\n')}\n`);
}

/** Entries of each list that a terminal shows. */
const mostShown = 20;

/** What a run changed and left out, for people. */
export function listLines({ changes, leftOut }: RunLists): string[] {
  const marks = { added: '+', changed: '~', moved: '>', removed: '-' } as const;
  const text = ({ title, itemId, type, owner, why }: LeftOut) =>
    `${itemId === '' ? 'All' : shown(titleOf({ title, itemId }))} (${shown(type)}, ${shown(owner)}): ${shown(why)}`;
  const lines = changes.slice(0, mostShown).map((change) => `  ${marks[change.op]} ${text(change)}`);
  if (changes.length > mostShown) lines.push(`  and ${changes.length - mostShown} more: --json`);
  lines.push(...leftOut.slice(0, mostShown).map((each) => `  left out: ${text(each)}`));
  if (leftOut.length > mostShown) lines.push(`  and ${leftOut.length - mostShown} more left out: --json`);
  return lines;
}

/** What a person reads at the end of a run. */
export function summary(record: RunRecord): string[] {
  const { outcome, members, listed, added, changed, unchanged, removed, excluded, failed, bytes, seconds, commit } =
    record;
  const counts = [
    `Backup ${outcome}: ${added} added, ${changed} changed, ${unchanged} unchanged, ${removed} removed, ${excluded} left out, ${failed} failed${gapsText(record)}`,
    `${numberOf(listed, 'item')} of ${numberOf(members.listed - members.excluded, 'member')}, ${readable(bytes)} fetched in ${seconds} s`,
    commit === null ? 'No commit: nothing changed' : `Commit ${commit}`,
  ];
  if (record.newArchive === true) counts.push(`  ${newArchiveText}`);
  const { error } = record;
  const lines = error ? [`Backup ${outcome}: ${error.code}: ${shown(error.message)}`, shown(error.hint)] : counts;
  for (const warning of record.warnings) lines.push(`! ${shown(warning)}`);
  for (const line of lossLines(record, 20)) lines.push(line.startsWith(' ') ? line : `! ${line}`);
  for (const failure of record.failures.slice(0, 20)) {
    lines.push(`! ${failureText(failure)}`, `  ${shown(failure.hint)}`);
  }
  if (record.failures.length > 20) lines.push(`! and ${record.failures.length - 20} more; --json lists them all`);
  lines.push(...acceptedLines(record, 20));
  return lines;
}

// Warnings and messages may quote the portal: on a terminal that must forge neither lines nor commands.
function shown(text: string): string {
  return oneLine(text, 2000);
}
