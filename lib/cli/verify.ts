import type { Verdict } from '../verify/verify.ts';
import { shareOf } from '../verify/large.ts';
import { verify as verifyStore } from '../verify/verify.ts';
import type { Finding } from '../verify/finding.ts';
import { systemClock } from '../clock.ts';
import type { Environment } from '../settings.ts';
import { archiveStore, type CommonOptions } from './environment.ts';
import { printable } from './printable.ts';
import { readable } from './run.ts';

/** Findings that a terminal shows; `--json` has more. */
const mostShown = 50;

/** Reads the archive and says what is damaged and how to mend it. Exit status: 0 sound, 3 untidy, 1 damaged. */
export async function verify(
  env: Environment,
  { json, readData }: CommonOptions & { readData: number },
): Promise<number> {
  const turn = Math.floor(systemClock.now() / 86_400_000);
  const verdict = await verifyStore(archiveStore(env), shareOf(readData, turn));
  if (json === true) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  process.stderr.write(printable(`${verdictLines(verdict).join('\n')}\n`));
  return verifyStatus(verdict);
}

/** 0 sound, 3 untidy, 1 damaged. */
export function verifyStatus({ findings }: Pick<Verdict, 'findings'>): number {
  return isDamaged(findings) ? 1 : findings.length > 0 ? 3 : 0;
}

/** What a person reads of a verification. */
export function verdictLines({ findings, more, orphans, ...verdict }: Verdict): string[] {
  const { commit, commits, items, parts, read, readBytes } = verdict;
  const lines = findings
    .slice(0, mostShown)
    .map(({ kind, what, cure }) => `${kind === 'damage' ? 'DAMAGE' : 'notice'}  ${what}\n        ${cure}`);
  const hidden = findings.length - lines.length + more;
  if (hidden > 0) lines.push(`and ${hidden} more; --json lists up to 1,000`);
  const where = commit === null ? 'no commit' : `commit ${commit.slice(0, 10)}`;
  lines.push(
    `${where}: ${commits} commits, ${items} items, ${parts} parts, ${read} Git LFS objects (${readable(readBytes)}) read whole`,
  );
  if (orphans.count > 0)
    lines.push(`${orphans.count} Git LFS objects (${readable(orphans.bytes)}) are in no commit; they do no harm`);
  if (isDamaged(findings)) lines.push('The archive is damaged.');
  else lines.push(findings.length > 0 ? 'The archive is sound, and untidy.' : 'The archive is sound.');
  return lines;
}

function isDamaged(findings: readonly Finding[]): boolean {
  return findings.some(({ kind }) => kind === 'damage');
}
