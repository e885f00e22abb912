import type { Archive } from '../../archive/archive.ts';
import { isCode } from '../../errors.ts';
import type { At } from '../../history/at.ts';
import type { SavedGroup } from '../../history/groups.ts';
import type { History } from '../../history/history.ts';
import { UseGraph } from '../../history/uses.ts';
import { isSeen, versionAt, type Seen } from '../../history/version-at.ts';
import type { Portal } from '../../arcgis/portal.ts';

/** What is asked for, and where what it needs is looked for. */
export interface Needing {
  archive: Archive;
  history: History;
  portal: Portal;
  versions: readonly Seen[];
  groups: readonly SavedGroup[];
  at: At;
}

/**
 * The versions, with those of all that they use, and that groups held, as far as it is gone from the portal: directly or through others.
 * What is there already stays as it is. Of what was deleted before AT it is the last version.
 */
export async function withUses({ archive, history, portal, versions, groups, at }: Needing): Promise<Seen[]> {
  const chosen = new Map(versions.map((version) => [version.after.id, version]));
  const looked = new Set(chosen.keys());
  const latest = history.latest();
  let open = [...groups.flatMap(({ items }) => items)];
  let fresh: string[] = [...chosen.keys()];
  while (fresh.length > 0 || open.length > 0) {
    const graph = await UseGraph.read(archive, new Map([...latest, ...chosen]));
    open.push(...fresh.flatMap((id) => graph.uses(id, new Set()).flatMap(({ itemId }) => itemId ?? [])));
    fresh = [];
    for (const id of open) {
      if (looked.has(id) || !latest.has(id)) continue;
      looked.add(id);
      const version = (await isGone(portal, id)) ? versionOf(history, id, at) : undefined;
      if (version === undefined) continue;
      chosen.set(id, version);
      fresh.push(id);
    }
    open = [];
  }
  return [...chosen.values()];
}

function versionOf(history: History, id: string, at: At): Seen | undefined {
  try {
    return versionAt(history, id, at);
  } catch (error) {
    if (!isCode(error, 'VERSION_UNKNOWN')) throw error;
    return history.versions(id).find(isSeen);
  }
}

/** What the portal does not tell is not taken for gone. */
async function isGone(portal: Portal, id: string): Promise<boolean> {
  try {
    return (await portal.item(id)) === undefined;
  } catch (error) {
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER')) return false;
    throw error;
  }
}
