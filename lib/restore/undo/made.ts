import { findMarked, marksFor } from '../create.ts';
import type { RestoreDeps } from '../deps.ts';
import { progressOf } from '../journal/entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { PlannedTarget, Restore } from '../journal/restore.ts';
import { editsOf } from '../layers/edits.ts';
import { copiesLeft } from '../layers/left-behind.ts';
import { noFolder, type PlannedItem } from '../words.ts';

/** Something that an undo deletes for good. */
export interface Removal {
  item: PlannedItem;
  target: PlannedTarget;
}

/** What a restore made of these items, and temporary copies that it left behind. */
export async function madeBy(deps: RestoreDeps, journal: Journal, touched: readonly PlannedItem[]): Promise<Removal[]> {
  const { restore, standing } = journal;
  const made: Removal[] = [];
  for (const item of touched) {
    const newId = await madeId(deps, { restore, standing }, item.itemId);
    if (newId === undefined) continue;
    made.push(removal(item, newId, await changedSince(deps, journal, item.itemId, newId)));
  }
  for (const { id, title, type, owner } of await copiesLeft(deps, journal))
    made.push(removal({ ...copyItem, itemId: id, title: title ?? '', type, owner }, id, null));
  return made;
}

/** ms by which the clocks of the portal and of this machine may differ. */
const skew = 10 * 60_000;

/**
 * When somebody changed what was made, after it had been compared, epoch ms; null when nobody has, or when it is gone. Of one that the
 * restore has not brought to its end, when it was changed after the last that is known of that.
 */
async function changedSince(
  { restorer }: RestoreDeps,
  { standing, entries }: Journal,
  itemId: string,
  newId: string,
): Promise<number | null> {
  const { portal } = await restorer();
  const item = await portal.item(newId);
  if (item === undefined) return null;
  const { end } = progressOf(standing, itemId);
  const { modified } = item;
  if (end?.kind !== 'verified') {
    const last = end?.at ?? entries.at(-1)?.at ?? 0;
    return modified > last + skew ? modified : null;
  }
  if (end.modified !== modified) return modified;
  // Rows are edited without a word in the record.
  return end.edits !== undefined && end.edits !== (await editsOf(portal, item)) ? modified : null;
}

/** What was made last goes first: a source cannot go before its views. */
export function backwards({ plan: { order } }: Restore, made: readonly Removal[]): string[] {
  const ids = made.map(({ item }) => item.itemId);
  return ids.sort((a, b) => order.indexOf(b) - order.indexOf(a));
}

/** What a temporary copy is, beside what the portal says of it. */
const copyItem: Pick<PlannedItem, 'state' | 'mode' | 'commit' | 'steps' | 'overwrites' | 'blocked'> = {
  state: 'live',
  mode: 'new',
  commit: '',
  steps: [],
  overwrites: [],
  blocked: null,
};

/** The id of what the restore made, also when it was killed before it heard of it. */
async function madeId(
  { restorer }: RestoreDeps,
  { restore, standing }: Pick<Journal, 'restore' | 'standing'>,
  itemId: string,
): Promise<string | undefined> {
  const { started, newId } = progressOf(standing, itemId);
  if (newId !== null) return newId;
  if (!started.has('create')) return undefined;
  const [found] = await findMarked(
    (await restorer()).portal,
    restore.plan.target.account,
    marksFor(itemId, restore.mark),
  );
  return found?.id;
}

/** @param modified when it was changed after the restore, epoch ms; null when it was not */
function removal(item: PlannedItem, id: string, modified: number | null): Removal {
  const steps = [
    {
      step: 'delete',
      danger: 3,
      what: `deletes ${id}, which the restore made${modified === null ? '' : '; it is saved first, for it is not as it was made'}`,
    } as const,
  ];
  const home = { owner: item.owner, folder: noFolder, folderId: null };
  return {
    item: { ...item, state: 'live', steps, overwrites: [], blocked: null },
    target: { home, sharing: null, service: null, name: null, categories: null, id, modified },
  };
}
