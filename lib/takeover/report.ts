import { oneLine, numberOf } from '../backup/words.ts';
import type { OldArchive } from './old-archive.ts';
import type { Leaves } from './left-out.ts';
import type { Fate, Living } from './survey.ts';

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
  /** what the settings leave out of every run, and why */
  leftOut: readonly (Named & { directory: string | null; why: string })[];
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

/** What an administrator should know of the old archive as a whole. */
export function oldTroubles({ isReplaced }: OldArchive, fates: readonly Fate[]): string[] {
  const errors = fates.filter(({ isMetadataError }) => isMetadataError === true).length;
  const told = [
    'The group "Failed to back up" is not used any more; it can be deleted in the portal.',
    'Deleted and renamed items stay in the old commits, under the paths that they had there.',
    ...(isReplaced
      ? ['The old repository has replacements or grafts; its commits are taken over as they were made, without them.']
      : []),
  ];
  if (errors === 0) return told;
  const text = `${numberOf(errors, 'metadata.xml', 'files metadata.xml')} of the old archive hold an error message of the portal; they were left behind.`;
  return [text, ...told];
}

/** What a report is made of, besides what becomes of each item. */
export interface ReportParts {
  /** address of the archive */
  to: string;
  old: OldArchive;
  leaves: Leaves;
  notices: readonly string[];
  /** null where nothing was done */
  commit: string | null;
}

/** The report of a take-over. */
export function reportOf(fates: readonly Fate[], { to, old, leaves, notices, commit }: ReportParts): TakeOverReport {
  const claimed = new Set(fates.flatMap(({ directory }) => directory?.path ?? []));
  const others = fates.flatMap((fate) => {
    if (!('fetch' in fate)) return [];
    const from = { ...named(fate.living), directory: fate.directory?.path ?? null };
    return { ...from, why: fate.fetch, left: leaves(fate.living.item) };
  });
  return {
    from: old.store.address,
    tip: old.tip.oid,
    to,
    commit,
    takenOver: fates.flatMap((fate) =>
      'carried' in fate ? [{ ...named(fate.living), directory: fate.carried.directory.path }] : [],
    ),
    fetched: others.flatMap(({ left, ...each }) => (left === undefined ? [each] : [])),
    leftOut: others.flatMap(({ left, ...each }) => (left === undefined ? [] : [{ ...each, why: left }])),
    deleted: [...old.directories.keys()].filter((path) => !claimed.has(path)).sort(),
    unrecognised: old.unknown,
    notices,
  };
}

/** Lines of each kind that a terminal shows; `--json` has all. */
const mostShown = 20;

/** The report for people. */
export function reportLines(report: TakeOverReport): string[] {
  const { takenOver, fetched, leftOut, deleted, unrecognised, notices, commit } = report;
  const text = ({ title, type, owner, itemId }: Named) =>
    `${title === '' ? '(untitled' : `${oneLine(title, 80)} (${oneLine(type)}`}, ${oneLine(owner)}, ${itemId})`;
  return [
    ...some(`${numberOf(takenOver.length, 'item')} taken over without a download`, takenOver.map(text)),
    ...some(
      `${numberOf(fetched.length, 'item')} that the next run fetches`,
      fetched.map((each) => `${text(each)}: ${each.why}`),
    ),
    ...some(
      `${numberOf(leftOut.length, 'item')} that the settings leave out`,
      leftOut.map((each) => `${text(each)}: ${each.why}`),
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
    ...(commit === null
      ? ['Nothing was done. The same without --dry-run takes it over.']
      : [
          `Taken over as commit ${commit}.`,
          'Next: `ago-backup run`, or POST /api/backups, fetches what is named above and no more data.',
        ]),
  ];
}

function some(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, mostShown).map((line) => `  ${line}`);
  const more = lines.length - shown.length;
  return [`${title}:`, ...shown, ...(more > 0 ? [`  and ${more} more; --json lists them all`] : [])];
}
