import { acceptanceName, isAboutGap, type Acceptance, type Acceptances } from '../../archive/acceptance.ts';
import { notice, type Accepted, type Finding } from './finding.ts';
import { isIn, type Share } from './large.ts';

/** A finding as it counts: accepted when it is exactly what an administrator has accepted, and damage when that has changed. */
export function weigh({ accepted }: Acceptances, finding: Finding): Finding | Accepted {
  const { loss } = finding;
  const acceptance = loss && accepted.get(loss.object);
  if (acceptance === undefined) return finding;
  const { state, reason, since } = acceptance;
  if (state === loss?.state) return { ...finding, reason, since };
  return { ...finding, cure: `It is not what was accepted on ${since.slice(0, 10)}. ${finding.cure}` };
}

/** Acceptances that are damaged, and so accept nothing. */
export function verifyAcceptances({ damaged }: Acceptances): Finding[] {
  return damaged.map((name) =>
    notice(`${name} is damaged: nothing is accepted by it.`, 'Run `ago-backup repair`, then accept the loss again.', {
      do: 'aside',
      name,
    }),
  );
}

/**
 * Acceptances of what is whole again: they would hide that it is lost once more.
 * @param met objects that findings were about
 * @param gaps states of the gaps that the latest commit has, by what they are accepted as
 * @param share of the Git LFS objects that was read
 */
export function findOutlived(
  { accepted }: Acceptances,
  { met, gaps }: { met: ReadonlySet<string>; gaps: ReadonlyMap<string, string> },
  share: Share,
): Finding[] {
  const isRead = ({ object }: Acceptance) => object.length === 40 || isIn(share, object);
  const isOver = (acceptance: Acceptance) =>
    isAboutGap(acceptance)
      ? gaps.get(acceptance.object) !== acceptance.state
      : !met.has(acceptance.object) && isRead(acceptance);
  return [...accepted.values()].filter(isOver).map((acceptance) => {
    const { object, what } = acceptance;
    const [named, id] = isAboutGap(acceptance) ? [`A gap (${what})`, object.split(' ')[0]] : [object, object];
    const told = isAboutGap(acceptance)
      ? 'accepted, and is no more'
      : 'accepted as lost, and no loss of it is found any more';
    return notice(
      `${named} is ${told}.`,
      `Run \`ago-backup repair\`, or \`ago-backup accept --revoke ${id}\`: else its next loss would be taken as accepted.`,
      { do: 'aside', name: acceptanceName(object) },
    );
  });
}
