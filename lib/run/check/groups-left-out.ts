import type { Portal } from '../../arcgis/portal.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';
import { failureOfOne } from './check-item.ts';

/**
 * The items of the groups of BACKUP_SKIP_GROUPS, by id. Where they cannot be had everything is saved, which does no harm, and the
 * report says so.
 */
export async function groupsLeftOut(
  { store, rules }: Deps,
  portal: Portal,
  runId: string,
): Promise<ReadonlyMap<string, string>> {
  if (rules.skipGroups.length === 0) return new Map();
  try {
    return await portal.itemsOfGroups(rules.skipGroups);
  } catch (error) {
    const { message } = failureOfOne(error);
    const text = `Nothing was left out because of a group: what BACKUP_SKIP_GROUPS names could not be read. ${message}`;
    await writeJson(store, runBlobs(runId).warned('groups'), text);
    return new Map();
  }
}
