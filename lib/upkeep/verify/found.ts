import type { Acceptances } from '../../archive/acceptance.ts';
import { weigh } from './accepted.ts';
import type { Accepted, Finding } from './finding.ts';
import type { Found } from './state.ts';

/** A store that lost all its packs has a finding for each object of it; nobody reads more than these. */
const mostFindings = 1000;

/** Keeps a finding, if it is one of those that anybody reads. */
export function keepFinding(found: Found, acceptances: Acceptances, finding: Finding): void {
  if ('since' in weigh(acceptances, finding)) found.accepted.push(finding);
  else if (found.findings.length < mostFindings) found.findings.push(finding);
  else found.more += 1;
}

/** Findings as a report has them: at most 1,000, `more` counts those beyond; what is accepted now stands apart. */
export function report(
  acceptances: Acceptances,
  all: readonly Found[],
): { findings: Finding[]; more: number; accepted: Accepted[] } {
  const findings: Finding[] = [];
  const accepted: Accepted[] = [];
  let more = 0;
  for (const found of all) {
    more += found.more;
    for (const each of [...found.findings, ...found.accepted]) {
      const finding = weigh(acceptances, each);
      if ('since' in finding) accepted.push(finding);
      else if (findings.length < mostFindings) findings.push(finding);
      else more += 1;
    }
  }
  return { findings, more, accepted };
}
