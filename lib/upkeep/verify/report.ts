import { numberOf, readable } from '../../backup/words.ts';
import { isDamaged, type Finding } from './finding.ts';
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
export function verdictLines({ findings, more, accepted, orphans, ...verdict }: Verdict): string[] {
  const { commit, commits, items, parts, read, readBytes } = verdict;
  const shown = findings.slice(0, mostShown);
  const lines = findingLines(shown);
  const hidden = findings.length - shown.length + more;
  if (hidden > 0) lines.push(`and ${hidden} more; --json lists up to 1,000`);
  for (const { what, reason, since } of accepted.slice(0, mostShown))
    lines.push(`accepted  ${what}\n        since ${since.slice(0, 10)}: ${reason}`);
  if (accepted.length > mostShown) lines.push(`and ${accepted.length - mostShown} more are accepted`);
  const where = commit === null ? 'no commit' : `commit ${commit.slice(0, 10)}`;
  lines.push(
    `${where}: ${numberOf(commits, 'commit')}, ${numberOf(items, 'item')}, ${numberOf(parts, 'part')}, ${numberOf(read, 'Git LFS object')} (${readable(readBytes)}) read whole`,
  );
  if (orphans.count > 0)
    lines.push(`In no commit, and harmless: ${numberOf(orphans.count, 'Git LFS object')} (${readable(orphans.bytes)})`);
  if (isDamaged(findings)) lines.push('The archive is damaged.');
  else if (commit === null) lines.push('The archive is empty.');
  else {
    const but = accepted.length > 0 ? ` but for ${numberOf(accepted.length, 'accepted loss', 'accepted losses')}` : '';
    lines.push(`The archive is sound${but}${findings.length > 0 ? ', and untidy' : ''}.`);
  }
  return lines;
}

/** One cure of many findings is read once, under the last of them. */
function findingLines(findings: readonly Finding[]): string[] {
  const byCure = Map.groupBy(findings, ({ cure }) => cure);
  return [...byCure].flatMap(([cure, group]) => [
    ...group.map(({ kind, what }) => `${kind === 'damage' ? 'DAMAGE' : 'notice'}  ${what}`),
    `        ${cure}`,
  ]);
}
