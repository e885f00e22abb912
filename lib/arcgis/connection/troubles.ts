import { oneLine } from '../../backup/words.ts';
import { BackupError } from '../../errors.ts';

/** Why a listing does not prove that there is nothing else. Plain data. */
export interface Troubles {
  /** entries that could not be read: the first, each a sentence, and how many in all */
  unread: readonly string[];
  unreadCount: number;
  /** the same entry came twice, a total moved, or a page led back, each time it was read */
  moved: boolean;
  /** where the portal's count is another than that of its list: the first; null = it does not say */
  counts: { told: number | null; listed: number } | null;
}

/** A listing that is whole. */
export const noTroubles: Troubles = { unread: [], unreadCount: 0, moved: false, counts: null };

const mostTold = 5;

/** Takes in what was met on one page. */
export function addTroubles(
  troubles: Troubles,
  { unread = [], moved = false, counts = null }: Partial<Omit<Troubles, 'unreadCount'>>,
): Troubles {
  return {
    unread: [...troubles.unread, ...unread].slice(0, mostTold),
    unreadCount: troubles.unreadCount + unread.length,
    moved: troubles.moved || moved,
    counts: troubles.counts ?? counts,
  };
}

/**
 * Why the listing is not whole; undefined when it is. COUNTS_MISMATCH when the portal's count is another than that of its list,
 * LISTING_INCOMPLETE when it moved each time it was read, PORTAL_ANSWER when single entries could not be read.
 * @param what as the beginning of a sentence
 */
export function lackingIn(what: string, { unread, unreadCount, moved, counts }: Troubles): BackupError | undefined {
  const sentences = unread.map((each) => `${what}: ${oneLine(each, 300)}.`);
  if (unreadCount > unread.length) sentences.push(`And ${unreadCount - unread.length} more.`);
  if (counts !== null) {
    const told = counts.told === null ? 'does not say how many there are' : `says that there are ${counts.told}`;
    sentences.unshift(`${what}: the portal ${told}, and lists ${counts.listed}, each time it was read.`);
  }
  if (moved) sentences.unshift(`${what} changed each time it was read.`);
  const code = counts !== null ? 'COUNTS_MISMATCH' : moved ? 'LISTING_INCOMPLETE' : 'PORTAL_ANSWER';
  if (sentences.length === 0) return undefined;
  return new BackupError(code, sentences.join(' '), { hint });
}

const hint =
  'Nothing to do when it is gone the next night. Else open the list in the portal, repair or delete what is named, and ask Esri support if it is none of yours.';
