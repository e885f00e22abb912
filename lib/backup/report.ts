import type { Saved } from './item.ts';
import type { ItemFailure, RunRecord } from './run.ts';
import { warningCure, warningText } from './warnings.ts';
import { numberOf, oneLine, titleOf } from './words.ts';

/** One line of the commit's body. */
export interface Line {
  mark: '+' | '~' | '-';
  title: string;
  type: string;
  owner: string;
}

const mostLines = 500;

/** The line of one item, for the commit's body. */
export function lineOf(mark: Line['mark'], { title, type, owner }: Pick<Saved, 'title' | 'type' | 'owner'>): Line {
  return { mark, title, type, owner };
}

/**
 * The commit message: subject, a line per item, trailers.
 * @param date of the run's start, YYYY-MM-DD
 * @param reason how the subject begins of a commit that is no night's: the items are counted behind it
 */
export function commitMessage(record: RunRecord, lines: readonly Line[], date: string, reason?: string): string {
  const { added, changed, removed, failed } = record;
  const counts = [`${added} added`, `${changed} changed`, `${removed} removed`, `${failed} failed`].join(', ');
  const warned = (record.losses ?? []).map((each) => `? ${warningText(each)}`);
  const sorted = [...lines].map(lineText).sort().concat(warned.sort(), record.failures.map(failureLine).sort());
  const shown = sorted.slice(0, mostLines);
  if (sorted.length > shown.length) shown.push(`  and ${sorted.length - shown.length} more`);
  const trailers = [
    `Run-Id: ${record.runId}`,
    `Listed: ${record.listed}`,
    `Unchanged: ${record.unchanged}`,
    `Excluded: ${record.excluded}`,
  ];
  const subject = reason === undefined ? `Backup ${date}: ${counts}` : `${reason}: ${numberOf(record.listed, 'item')}`;
  return [subject, shown.join('\n'), trailers.join('\n')].filter((part) => part !== '').join('\n\n') + '\n';
}

/** The run that made a commit, from its trailer; undefined in a commit that ago-backup did not make. */
export function runOf(message: string): string | undefined {
  const trailers = message.trimEnd().split('\n\n').at(-1) ?? '';
  return /^Run-Id: (\S+)$/m.exec(trailers)?.[1];
}

/** What a run says that found no archive: usually the first one. */
export const newArchiveText = 'New archive begun: the store held none.';

/** What a person reads in Healthchecks.io: counts, the first twenty failures with code and cure, warnings. */
export function pingText(record: RunRecord): string {
  const { members, listed, added, changed, unchanged, removed, excluded, failed } = record;
  const lines = [
    `Backup ${record.outcome} in ${record.seconds} s`,
    `members: ${members.listed} listed, ${members.excluded} excluded, ${members.failed} failed`,
    `items: ${listed} listed, ${added} added, ${changed} changed, ${unchanged} unchanged, ${removed} removed, ${excluded} excluded, ${failed} failed${gapsText(record)}`,
    record.commit === null ? 'commit: none' : `commit: ${record.commit}`,
  ];
  if (record.newArchive === true) lines.push(newArchiveText);
  if (record.error) lines.push('', `${record.error.code}: ${oneLine(record.error.message, 2000)}`, record.error.hint);
  for (const warning of record.warnings) lines.push('', oneLine(warning, 2000));
  lines.push(...lossLines(record, 20).flatMap((line) => ['', line]));
  for (const failure of record.failures.slice(0, 20)) {
    lines.push('', failureText(failure), `  ${failure.hint}`);
  }
  if (record.failures.length > 20) lines.push('', `and ${record.failures.length - 20} more failures`);
  const accepted = acceptedLines(record, 20);
  if (accepted.length > 0) lines.push('', ...accepted);
  return lines.join('\n');
}

/** How many items were saved with gaps, after the other counts; nothing when none was. */
export function gapsText({ gaps }: Pick<RunRecord, 'gaps'>): string {
  return gaps > 0 ? `, ${gaps} with gaps` : '';
}

/** One failure, or one part that could not be had, for people. */
export function failureText({ itemId, title, owner, part, code, message }: ItemFailure): string {
  const whose = owner === '' ? oneLine(title) : `member ${oneLine(owner)}`;
  const what = itemId === null ? whose : `${oneLine(titleOf({ title, itemId }))} (${itemId}, ${oneLine(owner)})`;
  return `${what}${part === undefined ? '' : `, ${oneLine(part)}`}: ${code}: ${oneLine(message, 500)}`;
}

/** What may be a loss and what to type, two lines each, for people. @param most that are named */
export function lossLines({ losses = [] }: Pick<RunRecord, 'losses'>, most: number): string[] {
  const lines = losses.slice(0, most).flatMap((each) => [warningText(each), `  ${warningCure(each)}`]);
  if (losses.length > most) lines.push(`and ${losses.length - most} more warnings`);
  return lines;
}

/** What could not be had and is accepted, two lines each, for people. @param most that are named */
export function acceptedLines({ accepted = [] }: Pick<RunRecord, 'accepted'>, most: number): string[] {
  const lines = accepted
    .slice(0, most)
    .flatMap((gap) => [
      `accepted: ${failureText(gap)}`,
      `  since ${gap.since.slice(0, 10)}: ${oneLine(gap.reason, 500)}`,
    ]);
  if (accepted.length > most) lines.push(`and ${accepted.length - most} more that are accepted`);
  return lines;
}

function lineText({ mark, title, type, owner }: Line): string {
  return `${mark} ${oneLine(title)} (${oneLine(type)}, ${oneLine(owner)})`;
}

function failureLine(failure: ItemFailure): string {
  return `! ${failureText(failure)}`;
}
