import { numberOf, readable } from '../../backup/report.ts';
import type { Finding } from './finding.ts';
import type { Verdict } from './verify.ts';

/** Findings that a person is shown; `--json` has more. */
const mostShown = 50;

/** What a verification came to, in a word. */
export type Soundness = 'sound' | 'untidy' | 'damaged';

/** In a word. */
export function soundness({ findings }: Pick<Verdict, 'findings'>): Soundness {
  if (isDamaged(findings)) return 'damaged';
  return findings.length > 0 ? 'untidy' : 'sound';
}

/** What a person reads of a verification. */
export function verdictLines({ findings, more, orphans, ...verdict }: Verdict): string[] {
  const { commit, commits, items, parts, read, readBytes } = verdict;
  const lines = findings.slice(0, mostShown).map(({ kind, what, cure }, at) => {
    const line = `${kind === 'damage' ? 'DAMAGE' : 'notice'}  ${what}`;
    // One cure for many findings in a row is read once, under the last of them.
    return findings[at + 1]?.cure === cure && at + 1 < mostShown ? line : `${line}\n        ${cure}`;
  });
  const hidden = findings.length - lines.length + more;
  if (hidden > 0) lines.push(`and ${hidden} more; --json lists up to 1,000`);
  const where = commit === null ? 'no commit' : `commit ${commit.slice(0, 10)}`;
  lines.push(
    `${where}: ${numberOf(commits, 'commit')}, ${numberOf(items, 'item')}, ${numberOf(parts, 'part')}, ${numberOf(read, 'Git LFS object')} (${readable(readBytes)}) read whole`,
  );
  if (orphans.count > 0)
    lines.push(`In no commit, and harmless: ${numberOf(orphans.count, 'Git LFS object')} (${readable(orphans.bytes)})`);
  if (isDamaged(findings)) lines.push('The archive is damaged.');
  else if (commit === null) lines.push('The archive is empty.');
  else lines.push(findings.length > 0 ? 'The archive is sound, and untidy.' : 'The archive is sound.');
  return lines;
}

function isDamaged(findings: readonly Finding[]): boolean {
  return findings.some(({ kind }) => kind === 'damage');
}
