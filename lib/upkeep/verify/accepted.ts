import type { Acceptance, Acceptances } from '../accept/acceptance.ts';
import { notice, type Accepted, type Finding } from './finding.ts';
import { isIn, type Share } from './large.ts';
import { acceptedName } from '../../archive/layout.ts';

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
 * @param share of the Git LFS objects that was read
 */
export function findOutlived({ accepted }: Acceptances, met: ReadonlySet<string>, share: Share): Finding[] {
  const isRead = ({ object }: Acceptance) => object.length === 40 || isIn(share, object);
  return [...accepted.values()]
    .filter((acceptance) => !met.has(acceptance.object) && isRead(acceptance))
    .map(({ object }) =>
      notice(
        `${object} is accepted as lost, and no loss of it is found any more.`,
        `Run \`ago-backup repair\`, or \`ago-backup accept --revoke ${object}\`: else its next loss would be taken as accepted.`,
        { do: 'aside', name: acceptedName(object) },
      ),
    );
}
