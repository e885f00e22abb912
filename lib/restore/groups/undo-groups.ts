import type { RestoreDeps } from '../deps.ts';
import { progressOf } from '../journal/entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { PlannedItem, PlannedStep } from '../words.ts';
import type { GroupState, GroupTarget } from './group.ts';
import { madeGroup } from './make-group.ts';

/** What takes back what a restore did with groups: those it made go, those it changed become what they were. */
export async function undoGroups(
  deps: RestoreDeps,
  journal: Journal,
): Promise<{ items: PlannedItem[]; targets: Record<string, GroupTarget> }> {
  const { restore, standing } = journal;
  const items: PlannedItem[] = [];
  const targets: Record<string, GroupTarget> = {};
  for (const [groupId, target] of Object.entries(restore.groups)) {
    const planned = restore.plan.items.find(({ itemId }) => itemId === groupId);
    if (planned === undefined || progressOf(standing, groupId).started.size === 0) continue;
    const made = await madeGroup({ restorer: await deps.restorer(), journal }, groupId);
    const before = standing.groups.get(groupId);
    if (made === undefined && before === undefined) continue;
    const what = `deletes ${made ?? ''}, which the restore made`;
    const steps: PlannedStep[] =
      made === undefined ? planned.steps.map(takenBack) : [{ step: 'delete', danger: 3, what }];
    targets[groupId] = made === undefined ? asBefore(target, before ?? target) : { ...target, id: made };
    items.push({ ...planned, state: 'live', mode: 'in-place', steps, overwrites: [], blocked: null });
  }
  return { items, targets };
}

const takenBack = ({ step }: PlannedStep): PlannedStep => ({ step, danger: 2, what: 'as it was before the restore' });

function asBefore(target: GroupTarget, before: GroupState): GroupTarget {
  const been = new Set([...before.members, ...before.admins]);
  return {
    ...before,
    id: target.id,
    takesAway: {
      members: [...target.members, ...target.admins].filter((name) => !been.has(name)),
      managers: target.admins.filter((name) => name !== before.owner && !before.admins.includes(name)),
      items: target.items.filter((id) => !before.items.includes(id)),
    },
  };
}
