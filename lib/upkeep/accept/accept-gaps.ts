import { gapLoss, writeAcceptance, type Acceptance } from '../../archive/acceptance.ts';
import type { Archive } from '../../archive/archive.ts';
import { readIndexOf } from '../../archive/member-index.ts';
import { memberTrees } from '../../archive/member-trees.ts';
import type { Saved } from '../../backup/item.ts';
import { oneLine } from '../../backup/words.ts';
import { misuse } from './misuse.ts';

/** Which gaps are accepted, and why. */
export interface GapsRequest {
  /** the code of the gaps, as the run names it */
  code: string;
  /** of the items that have them */
  items: readonly string[];
  reason: string;
  /** ISO 8601 */
  since: string;
}

/**
 * Writes down that the gaps of these items which have this code are known, as the latest commit has them. All of them, or none:
 * throws USAGE when an item has no such gap.
 */
export async function acceptGaps(archive: Archive, { code, items, reason, since }: GapsRequest): Promise<Acceptance[]> {
  const saved = await itemsWithGaps(archive);
  const acceptances = [...new Set(items)].flatMap((id) => {
    const item = saved.get(id.toLowerCase());
    const gaps = (item?.gaps ?? []).filter((gap) => gap.code === code);
    if (item === undefined || gaps.length === 0) throw noSuchGap(code, id, item);
    return gaps.map((gap): Acceptance => {
      const what = `${oneLine(item.title)} (${item.id}, ${oneLine(item.owner)}) lacks ${oneLine(gap.part)}: ${code}.`;
      return { code, ...gapLoss(item.id, item.stamp, gap), what, reason, since };
    });
  });
  for (const acceptance of acceptances) await writeAcceptance(archive.store, acceptance);
  return acceptances;
}

async function itemsWithGaps(archive: Archive): Promise<Map<string, Saved>> {
  const found = new Map<string, Saved>();
  for (const tree of (await memberTrees(archive, await archive.repository.head())).values())
    for (const saved of Object.values(await readIndexOf(archive, tree)))
      if (saved.gaps !== undefined && saved.gaps.length > 0) found.set(saved.id.toLowerCase(), saved);
  return found;
}

function noSuchGap(code: string, id: string, item: Saved | undefined) {
  const others = (item?.gaps ?? []).map((gap) => `${oneLine(gap.part)} (${gap.code})`);
  const has = others.length === 0 ? 'no gap' : `these gaps: ${others.join(', ')}`;
  return misuse(
    `The item ${oneLine(id, 64)} has no gap ${code} in the latest commit.`,
    `There it has ${has}. Name the whole id and the code that a run has told.`,
  );
}
