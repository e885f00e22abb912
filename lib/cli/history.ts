import { randomBytes } from 'node:crypto';
import type { Archive } from '../archive/archive.ts';
import { openRepository } from '../archive/repository.ts';
import { systemClock } from '../clock.ts';
import { WrongIndex } from '../history/confirm.ts';
import type { PastArchive } from '../history/held-archive.ts';
import { askHistory, readHistory } from '../history/read-history.ts';
import type { History } from '../history/history.ts';
import type { Environment } from '../settings/table.ts';
import { archiveStore } from './environment.ts';
import { printable } from './printable.ts';

/** The archive and what ever was in it. */
export interface OpenHistory {
  archive: Archive & Partial<PastArchive>;
  history: History;
  /** epoch ms */
  now: number;
}

/**
 * Opens the archive for a command that reads nothing else. What cannot be read is said on standard error. Where the history
 * index turns out to be wrong, the command does its work once more from the commits themselves.
 * @param work must have no effect before it has met what it confirms
 * @param archiveIn how the archive is read: for most, the latest of it first
 */
export async function withHistory(
  env: Environment,
  work: (open: OpenHistory) => Promise<number>,
  archiveIn: (place: Pick<Archive, 'store'>) => Archive & Partial<PastArchive> = latestFirst,
): Promise<number> {
  const archive = archiveIn({ store: archiveStore(env) });
  const tell = (sentence: string) => void process.stderr.write(printable(`! ${sentence}\n`));
  const open = async (history: History) => {
    for (const sentence of history.damages) tell(sentence);
    const now = systemClock.now();
    return askHistory(archive, history, (asked) => work({ archive, history: asked, now }));
  };
  try {
    return await open(await readHistory(archive));
  } catch (error) {
    if (!(error instanceof WrongIndex)) throw error;
    tell('The history index is wrong and was passed over. Run `ago-backup verify`, then `ago-backup repair`.');
    return open(await readHistory(archive, new Map()));
  }
}

function latestFirst({ store }: Pick<Archive, 'store'>): Archive {
  const random = () => randomBytes(20).toString('hex');
  return { store, repository: openRepository(store, { random, clock: systemClock }) };
}

/** Exit status of a command that showed what there is: 3 when some of it could not be read. */
export function readStatus({ damages }: History): number {
  return damages.length > 0 ? 3 : 0;
}

/** Lines for people, on standard output: they are what was asked for. */
export function say(lines: readonly string[]): void {
  process.stdout.write(printable(lines.map((line) => `${line}\n`).join('')));
}

/** Columns side by side, each as wide as its widest text, the last one as it is. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [n, text] of row.entries()) widths[n] = Math.min(mostOfColumn, Math.max(widths[n] ?? 0, text.length));
  return rows.map((row) =>
    row
      .map((text, n) => (n === row.length - 1 ? text : text.padEnd(widths[n] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Characters. */
const mostOfColumn = 60;
