import { oneLine, numberOf } from '../backup/report.ts';
import type { Living } from './survey.ts';

/** An item, as the report names it. */
export interface Named {
  itemId: string;
  title: string;
  owner: string;
  type: string;
}

/** What `ago-backup take-over` says; `--json` prints it as it is. */
export interface TakeOverReport {
  /** the old repository */
  from: string;
  /** its latest commit */
  tip: string;
  /** the archive */
  to: string;
  /** the commit made; null when nothing was done */
  commit: string | null;
  takenOver: readonly (Named & { directory: string })[];
  /** what the next run fetches, and why */
  fetched: readonly (Named & { directory: string | null; why: string })[];
  /** what has no living item any more; the old commits keep it */
  deleted: readonly string[];
  /** what lies between the items and is none */
  unrecognised: readonly string[];
  /** what else an administrator should know, a sentence each */
  notices: readonly string[];
}

/** Names an item. */
export function named({ item: { id, title, owner, type } }: Living): Named {
  return { itemId: id, title: title ?? '', owner, type };
}

/** Lines of each kind that a terminal shows; `--json` has all. */
const mostShown = 20;

/** The report for people. */
export function reportLines(report: TakeOverReport): string[] {
  const { takenOver, fetched, deleted, unrecognised, notices, commit } = report;
  const text = ({ title, type, owner, itemId }: Named) =>
    `${title === '' ? '(untitled' : `${oneLine(title, 80)} (${oneLine(type)}`}, ${oneLine(owner)}, ${itemId})`;
  return [
    ...some(`${numberOf(takenOver.length, 'item')} taken over without a download`, takenOver.map(text)),
    ...some(
      `${numberOf(fetched.length, 'item')} that the next run fetches`,
      fetched.map((each) => `${text(each)}: ${each.why}`),
    ),
    ...some(
      `${numberOf(deleted.length, 'directory', 'directories')} without a living item, kept in the old commits`,
      deleted.map((path) => oneLine(path)),
    ),
    ...some(
      `${numberOf(unrecognised.length, 'place')} that no item explains, kept in the old commits`,
      unrecognised.map((path) => oneLine(path)),
    ),
    ...notices,
    commit === null ? 'Nothing was done.' : `Taken over as commit ${commit}.`,
  ];
}

function some(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, mostShown).map((line) => `  ${line}`);
  const more = lines.length - shown.length;
  return [`${title}:`, ...shown, ...(more > 0 ? [`  and ${more} more; --json lists them all`] : [])];
}
