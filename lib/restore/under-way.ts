import { BackupError } from '../errors.ts';
import type { Target } from './aspects/aspect.ts';
import type { Restorer, RestoreDeps } from './deps.ts';
import { folderKey } from './folders/folder.ts';
import { progressOf } from './journal/entries.ts';
import type { Journal } from './journal/journal.ts';
import type { PlannedTarget } from './journal/restore.ts';
import { idMap, noMap, type IdMap } from './references/id-map.ts';
import { sharingIn } from './sharing.ts';
import { readVersion, withCategories, type Version, type VersionAt } from './version.ts';
import type { PlannedItem } from './words.ts';

/** A restore under way. */
export interface UnderWay {
  deps: RestoreDeps;
  restorer: Restorer;
  journal: Journal;
  account: string;
}

/** What was made so far and has another name now: of copies beside living items nobody is to know. */
export function madeAnew({ journal }: Pick<UnderWay, 'journal'>): IdMap {
  const { standing, restore } = journal;
  const made = restore.plan.items.flatMap(({ itemId, mode }) => {
    const { made: now } = progressOf(standing, itemId);
    return mode === 'new' && now !== null ? [{ itemId, now, from: restore.targets[itemId]?.service ?? null }] : [];
  });
  const services = made.flatMap(({ from, now: { url: to, layers } }) =>
    from === null || to === undefined ? [] : [{ from, to, layers: new Map(layers) }],
  );
  // Of groups that were found again under another id, as well.
  const found = restore.undoes === null ? Object.entries(restore.groups) : [];
  const groups = found.flatMap(([from, { id }]) => (id === null ? [] : [[from, id] as const]));
  const { folders = [] } = restore.undoes === null ? restore : {};
  const moved = folders.flatMap((folder) => {
    const id = folder.id ?? standing.folders.get(folderKey(folder))?.id;
    return typeof id === 'string' ? folder.from.map((old) => [old, id] as const) : [];
  });
  return idMap([...made.map(({ itemId, now }) => [itemId, now.newId] as const), ...groups, ...moved], services);
}

/** The item as it is planned. */
export function plannedItem({ journal }: Pick<UnderWay, 'journal'>, itemId: string): PlannedItem {
  const found = journal.restore.plan.items.find((each) => each.itemId === itemId);
  if (found === undefined) throw new BackupError('STORE_DAMAGED', `The plan of the restore lacks item ${itemId}.`);
  return found;
}

/** Where the item goes, as it is planned. */
export function targetIn({ journal }: Pick<UnderWay, 'journal'>, itemId: string): PlannedTarget {
  const found = journal.restore.targets[itemId];
  if (found === undefined) throw new BackupError('STORE_DAMAGED', `The plan of the restore lacks item ${itemId}.`);
  return found;
}

/** The version of an item that is put back. */
export async function versionOf({ deps, journal }: UnderWay, itemId: string): Promise<Version> {
  const at = journal.restore.versions[itemId] ?? savedBefore(journal, itemId);
  if (at === undefined) throw new BackupError('STORE_DAMAGED', `The plan of the restore lacks item ${itemId}.`);
  return withCategories(await readVersion(deps.run, at), journal.restore.targets[itemId]?.categories ?? null);
}

/** What is only to name others by their new names becomes what it was before, but for that. */
function savedBefore({ standing }: Journal, itemId: string): VersionAt | undefined {
  const saved = standing.saved.findLast(({ items }) => itemId in items);
  const tree = saved?.trees?.[itemId] ?? '';
  return saved === undefined || tree === '' ? undefined : { itemId, commit: saved.commit, tree };
}

/** What an item is compared with and put back into. */
export async function targetOf(under: UnderWay, itemId: string): Promise<Target> {
  const { deps, restorer, journal } = under;
  const { mode } = plannedItem(under, itemId);
  const { home, sharing, id } = targetIn(under, itemId);
  const newId = progressOf(journal.standing, itemId).newId;
  return {
    archive: deps.run,
    portal: restorer.portal,
    services: restorer.services,
    isEnterprise: journal.restore.honoursIds,
    clock: deps.run.clock,
    version: await versionOf(under, itemId),
    id: newId ?? id,
    map: mode === 'beside' ? noMap : madeAnew(under),
    home,
    sharing: sharing === null ? undefined : sharingIn(sharing, mode === 'beside' ? noMap : madeAnew(under)),
  };
}
