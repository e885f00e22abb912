import { revokeAcceptance, writeAcceptance, type Acceptance } from '../../archive/acceptance.ts';
import { oneLine } from '../../backup/words.ts';
import type { Clock } from '../../clock.ts';
import { heldArchive } from '../../history/held-archive.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { Finding } from '../verify/finding.ts';
import { verify } from '../verify/verify.ts';
import { acceptGaps } from './accept-gaps.ts';
import { misuse } from './misuse.ts';

/** What is accepted, and why. */
export interface AcceptRequest {
  /** the code of what is accepted: of damage STORE_DAMAGED, of gaps their own */
  code: string;
  /** what is lost; of gaps the ids of the items */
  objects: readonly string[];
  reason: string;
}

/** Characters of a reason. */
const longestReason = 500;

/**
 * Verifies the archive and writes down that these objects are lost as they are found now, or that these items have these gaps.
 * All of them, or none: throws USAGE when one is not damaged, when something can still be done about it, when there is no such gap.
 */
export async function accept(
  { store, clock }: { store: BlobStore; clock: Clock },
  { code, objects, reason }: AcceptRequest,
): Promise<Acceptance[]> {
  const text = oneLine(reason, longestReason).trim();
  if (text === '') throw misuse('The reason is empty.', 'Say with --reason why it is accepted.');
  const since = new Date(clock.now()).toISOString();
  if (code !== 'STORE_DAMAGED') {
    const archive = { store, repository: heldArchive({ store }).repository };
    return acceptGaps(archive, { code, items: objects, reason: text, since });
  }
  const { findings, accepted } = await verify(store, { from: 0, to: 1 });
  const acceptances = [...new Set(objects)].map((object): Acceptance => {
    const { what, loss } = findLoss([...findings, ...accepted], object);
    return { code, ...loss, what, reason: text, since };
  });
  for (const acceptance of acceptances) await writeAcceptance(store, acceptance);
  return acceptances;
}

/** Takes acceptances back: the next run or verification counts what they were about. Throws USAGE when there is none. */
export async function revoke(store: BlobStore, objects: readonly string[]): Promise<void> {
  for (const object of objects)
    if (!(await revokeAcceptance(store, object)))
      throw misuse(`${object} is not accepted.`, 'See what is with `ago-backup accept --list`.');
}

function findLoss(findings: readonly Finding[], object: string): Required<Pick<Finding, 'what' | 'loss'>> {
  const about = findings.filter(({ what, loss }) => loss?.object === object || what.includes(object));
  const [first] = about;
  if (first === undefined)
    throw misuse(
      `The verification found no damage of ${object}.`,
      'Name the whole id of what `ago-backup verify` found.',
    );
  for (const { what, loss } of about) if (loss?.object === object) return { what, loss };
  throw misuse(`Nothing is accepted of what can be mended, or what the latest commit needs: ${first.what}`, first.cure);
}
