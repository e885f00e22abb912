import type { Portal } from '../arcgis/portal.ts';
import type { Item } from '../backup/item.ts';
import { leftOutBecause, type LeaveOut } from '../backup/leave-out.ts';
import { BackupError, endsRun } from '../errors.ts';

/** Why the settings leave an item out of the next run; undefined where they do not. */
export type Leaves = (item: Item) => string | undefined;

/** What the settings leave out. Where groups cannot be read it is said, and nothing is left out because of them, as in a run. */
export async function leavesOf(portal: Portal, rules: LeaveOut, notices: string[]): Promise<Leaves> {
  const grouped = await groupedItems(portal, rules, notices);
  return (item) => leftOutBecause(item, rules, grouped);
}

async function groupedItems(portal: Portal, { skipGroups }: LeaveOut, notices: string[]) {
  if (skipGroups.length === 0) return undefined;
  try {
    return await portal.itemsOfGroups(skipGroups);
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    notices.push(`The groups that BACKUP_SKIP_GROUPS names could not be read. ${error.message}`);
    return undefined;
  }
}
