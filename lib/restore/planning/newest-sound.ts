import type { Archive } from '../../archive/archive.ts';
import { isCode } from '../../errors.ts';
import type { History } from '../../history/history.ts';
import { isSeen } from '../../history/version-at.ts';
import { damagedParts, readVersion } from '../version.ts';

const mostLooked = 20;

/** The commit of the newest version whose parts are all sound; null when none of the last is. */
export async function newestSound(archive: Archive, history: History, itemId: string): Promise<string | null> {
  for (const { after, commit } of history.versions(itemId).filter(isSeen).slice(0, mostLooked)) {
    try {
      const version = await readVersion(archive, { itemId, commit: commit.oid, tree: after.tree });
      if ((await damagedParts(archive, version)).length === 0) return commit.oid.slice(0, 10);
    } catch (error) {
      if (!isCode(error, 'RESTORE_DAMAGED', 'STORE_DAMAGED')) throw error;
    }
  }
  return null;
}
