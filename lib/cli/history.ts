import { randomBytes } from 'node:crypto';
import type { Archive } from '../archive/archive.ts';
import { openRepository } from '../archive/repository.ts';
import { systemClock } from '../clock.ts';
import { readHistory } from '../history/read-history.ts';
import type { History } from '../history/history.ts';
import type { Environment } from '../settings/table.ts';
import { archiveStore } from './environment.ts';
import { printable } from './printable.ts';

/** The archive and its history, for commands that read nothing else. What cannot be read is said on standard error. */
export async function openHistory(env: Environment): Promise<{ archive: Archive; history: History; now: number }> {
  const store = archiveStore(env);
  const random = () => randomBytes(20).toString('hex');
  const archive = { store, repository: openRepository(store, { random, clock: systemClock }) };
  const history = await readHistory(archive);
  for (const sentence of history.damages) process.stderr.write(printable(`! ${sentence}\n`));
  return { archive, history, now: systemClock.now() };
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
