import { drillName } from '../../archive/layout.ts';
import type { RunStep } from '../../backup/run.ts';
import { isCode, type Failure } from '../../errors.ts';
import { readHistory } from '../../history/read-history.ts';
import type { History } from '../../history/history.ts';
import { isSeen } from '../../history/version-at.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import type { RestoreDeps } from '../deps.ts';
import { Journal } from '../journal/journal.ts';
import type { Restore } from '../journal/restore.ts';
import { makePlan } from '../planning/make-plan.ts';
import { planUndo } from '../undo/plan-undo.ts';
import { pickItems } from './pick.ts';
import { tellOfDrill } from './tell.ts';
import { readDrills, type DrillRecord } from './record.ts';

/** beginDrill's input. */
export interface DrillInput extends RunStep {
  /** how many items are drilled */
  items: number;
}

/** What a drill has to do: earlier drills, by their restores, of which copies may be left, and the restore that makes its own. */
export interface DrillPlan {
  tidying: string[];
  /** null where the archive holds nothing that could be drilled */
  restoreId: string | null;
}

/** Sees what earlier drills left, picks items, and plans copies of them that stay with the account that restores. */
export async function beginDrill(deps: RestoreDeps, { items: most, started }: DrillInput): Promise<DrillPlan> {
  const { store, clock } = deps.run;
  const history = await readHistory(deps.run);
  const earlier = await readDrills(store);
  const tidying = earlier.filter(({ isTidy }) => !isTidy).map(({ restoreId }) => restoreId);
  const { username } = await (await deps.restorer()).portal.identity();
  const picked = new Set(pickItems(drillable(history, username), drilledAt(earlier), most));
  const versions = [...picked].flatMap((id) => history.versions(id).find(isSeen) ?? []);
  const wish = { versions, at: 'latest', mode: 'beside', isDrill: true } as const;
  const restore = await makePlan(deps, history, wish);
  if (restore.plan.order.length === 0) return { tidying, restoreId: null };
  const { restoreId, plan } = restore;
  const items = plan.items
    .filter(({ blocked }) => blocked === null)
    .map(({ itemId, type, title }) => ({ itemId, type, title, outcome: null }));
  // Before anything is made: by this the next drill finds what a killed one left.
  await keep(deps, { restoreId, started, items, outcome: null, error: null, isTidy: false });
  await Journal.begin(store, clock, restore);
  await tellOfDrill(
    deps,
    restoreId,
    'start',
    items.map(({ itemId, type }) => `${itemId} (${type})`),
  );
  return { tidying, restoreId };
}

/** All but what the account that restores owns itself: no member may have two files of one name. */
function drillable(history: History, account: string | undefined) {
  return [...history.latest()].flatMap(([itemId, { after }]) =>
    after === undefined || after.owner === account ? [] : [{ itemId, type: after.type, size: after.size }],
  );
}

function drilledAt(earlier: readonly DrillRecord[]): Map<string, number> {
  return new Map(earlier.flatMap(({ items, started }) => items.map(({ itemId }) => [itemId, started] as const)));
}

/** tidyDrill's input; `runId` is the restore's that made the copies. */
export interface TidyInput extends RunStep {
  /** all was deleted: look whether it is gone */
  onlyLooks?: true;
}

/** Begins the restore that deletes the copies of a drill, by its journal and its mark; null when none is left, which is written down. */
export async function tidyDrill(
  deps: RestoreDeps,
  { runId, onlyLooks }: TidyInput,
): Promise<{ restoreId: string | null }> {
  const record = await recordOf(deps, runId);
  const undo = await undoOf(deps, runId);
  const { portal } = await deps.restorer();
  const left = [];
  for (const { id } of Object.values(undo?.targets ?? {})) if ((await portal.item(id)) !== undefined) left.push(id);
  if (left.length === 0 && record !== undefined) await keep(deps, { ...record, isTidy: true });
  if (left.length === 0 || undo === undefined || onlyLooks === true) return { restoreId: null };
  await Journal.begin(deps.run.store, deps.run.clock, undo);
  return { restoreId: undo.restoreId };
}

async function undoOf(deps: RestoreDeps, restoreId: string): Promise<Restore | undefined> {
  try {
    const { store, clock } = deps.run;
    return await planUndo(deps, await readHistory(deps.run), await Journal.open(store, clock, restoreId));
  } catch (error) {
    // It was killed before it made anything.
    if (isCode(error, 'RESTORE_NOTHING', 'RESTORE_UNKNOWN')) return undefined;
    throw error;
  }
}

/** endDrill's input; `runId` is the restore's. */
export interface DrillEnd extends RunStep {
  /** what ended the drill before its time */
  failure?: Failure;
}

/** Writes down how a drill ended, and tells the outside world. */
export async function endDrill(deps: RestoreDeps, { runId, failure }: DrillEnd): Promise<{ outcome: string }> {
  const { store, clock } = deps.run;
  const record = await recordOf(deps, runId);
  const ends = record === undefined ? undefined : (await Journal.open(store, clock, runId)).standing;
  const items = (record?.items ?? []).map((item) => {
    const end = ends?.items.get(item.itemId)?.end;
    return { ...item, outcome: end?.kind === 'verified' ? end.outcome : ('failed' as const) };
  });
  const good = items.filter(({ outcome }) => outcome === 'restored' || outcome === 'equivalent').length;
  const isWhole = good === items.length && record?.isTidy === true;
  const outcome = failure !== undefined || good === 0 ? 'failed' : isWhole ? 'complete' : 'partial';
  if (record !== undefined) await keep(deps, { ...record, items, outcome, error: failure ?? null });
  const event = outcome === 'complete' ? 'drill.completed' : 'drill.failed';
  deps.log({ event, runId, outcome, count: items.length, ...(failure && { code: failure.code }) });
  const lines = [
    `Restore drill ${outcome}: ${good} of ${items.length} items came back as they were saved`,
    ...(failure === undefined ? [] : [`${failure.code}: ${failure.message}`, failure.hint]),
    ...(record?.isTidy === false ? ['Copies are left in the portal; the next drill deletes them.'] : []),
    ...items.map(({ itemId, type, outcome: how }) => `${how}: ${itemId} (${type})`),
  ];
  await tellOfDrill(deps, runId, outcome === 'complete' ? 'success' : 'fail', lines);
  return { outcome };
}

async function recordOf({ run }: RestoreDeps, restoreId: string): Promise<DrillRecord | undefined> {
  return (await readDrills(run.store)).find((each) => each.restoreId === restoreId);
}

function keep({ run }: RestoreDeps, record: DrillRecord): Promise<void> {
  return writeJson(run.store, drillName(record.restoreId), record);
}
