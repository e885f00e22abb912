import { isMaking, type PlannedItem } from '../words.ts';
import { BackupError } from '../../errors.ts';
import type { Seen } from '../../history/version-at.ts';
import { newestSound } from './newest-sound.ts';
import type { Compared } from './candidate.ts';
import { classOf } from '../plan/class.ts';
import type { Planning } from './planning.ts';
import { stepsOf } from '../plan/steps.ts';

/** What is done with an item. Warns of what is not proven, and of what was changed since. */
export function plannedItem(planning: Planning, item: Compared): PlannedItem {
  const { version, seen, verdict, target, held, differences } = item;
  const { itemId, manifest, record } = version;
  const { mode, blocked } = verdict;
  const { owner, folder } = target.home;
  const { only, wish } = planning;
  const emptiesRows = (wish.rows?.how ?? 'all') === 'all';
  const status = typeof record['contentStatus'] === 'string' ? record['contentStatus'] : '';
  const isProtected = record['protected'] === true;
  const isView = held?.isView === true;
  const more = { isProtected, emptiesRows, status, isView, service: target.name };
  const facts = { mode, manifest, differences, only, ...more, owner, folder };
  const steps = blocked === null ? stepsOf(facts) : [];
  if (blocked === null) warn(planning, item);
  const saved = planning.history.commits.find(({ oid }) => oid === version.commit);
  const overwrites = steps.filter(({ danger }) => danger > 1).map(({ step, what }) => `${step}: ${what}`);
  return {
    itemId,
    title: manifest.title,
    type: manifest.type,
    owner: manifest.owner,
    state: seen.state,
    mode,
    commit: version.commit,
    ...(saved && { savedAt: saved.time }),
    steps,
    overwrites: mode === 'in-place' ? overwrites : [],
    ...(item.layers && { layers: item.layers }),
    blocked,
  };
}

function warn({ warnings }: Planning, item: Compared): void {
  const { version, seen, held, verdict, differences, unrewritten } = item;
  const { mode } = verdict;
  const { itemId, record, manifest } = version;
  const fit = classOf(record, isMaking(mode), held);
  if (fit.is === 'unproven') warnings.push({ code: 'UNPROVEN', itemId, message: fit.why });
  if (fit.is === 'proven' && fit.byHand !== undefined) warnings.push({ code: 'BY_HAND', itemId, message: fit.byHand });
  for (const message of unrewritten) warnings.push({ code: 'UNPROVEN', itemId, message: `The ${message}.` });
  const then = Number(manifest.stamp.split(',')[0]);
  const now = seen.item?.modified ?? 0;
  const isChanged = differences.some(({ equivalent }) => equivalent !== true);
  if (mode === 'in-place' && isChanged && now > then)
    warnings.push({
      code: 'NEWER',
      itemId,
      message: `It was changed at ${new Date(now).toISOString()}, after the version that is put back.`,
    });
}

/** An item whose version cannot be read: nothing is done with it, and it costs no other. */
export async function unreadableItem(
  { deps, history }: Planning,
  { after, commit }: Seen,
  error: BackupError,
): Promise<PlannedItem> {
  const { id: itemId, title, type, owner } = after;
  const sound = await newestSound(deps.run, history, itemId);
  const other = sound === null ? '' : `The newest sound version is that of commit ${sound}: --at ${sound}. `;
  const hint = `${other}\`ago-backup verify\` says more.`;
  const blocked = new BackupError('RESTORE_DAMAGED', error.message, { hint }).toJSON();
  const none = { steps: [], overwrites: [], blocked };
  return { itemId, title, type, owner, state: 'unknown', mode: 'in-place', commit: commit.oid, ...none };
}
