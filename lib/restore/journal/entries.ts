import type { Counts } from '../../backup/counts.ts';
import type { RunStep } from '../../backup/run.ts';
import type { Failure } from '../../errors.ts';
import type { Planned } from '../../run/plan/plan-run.ts';
import type { GroupState } from '../groups/group.ts';
import type { Difference, ItemOutcome, RestoreResult, StepName } from '../words.ts';

/** What the journal of a restore says, one entry after the other. Nothing is ever changed in it. */
export type Entry = { n: number; at: number } & (
  | { kind: 'saved'; commit: string; items: Record<string, number> }
  | { kind: 'group-saved'; itemId: string; group: GroupState }
  | { kind: 'started'; itemId: string; step: StepName }
  | ({ kind: 'done'; itemId: string; step: StepName } & Partial<Made>)
  | { kind: 'verified'; itemId: string; outcome: ItemOutcome; differences: Difference[]; modified: number }
  | { kind: 'failed'; itemId: string; code: string; message: string }
  | { kind: 'ended'; result: RestoreResult }
  | { kind: 'stopped'; failure: Failure }
  | { kind: 'resumed' }
  | { kind: 'taken' }
  | { kind: 'saving'; run: BeforeRun }
);

/** A run that saves what is there before it is changed. */
export interface BeforeRun extends RunStep {
  itemIds: string[];
  base: string | null;
  members: { listed: number; excluded: number };
  counts: Counts;
  planned: Planned;
}

/** What was made. */
export interface Made {
  newId: string;
  /** the address of a service, and numbers of its layers that are others now */
  url?: string;
  layers?: [from: number, to: number][];
}

/** What is to be written, before it has its number and time. */
export type News = Entry extends infer E ? (E extends Entry ? Omit<E, 'n' | 'at'> : never) : never;

/** How far one item is. */
export interface Progress {
  started: ReadonlySet<StepName>;
  /** those that were begun more than once */
  again: ReadonlySet<StepName>;
  done: ReadonlySet<StepName>;
  /** of what was made */
  newId: string | null;
  made: Made | null;
  /** the last that was said of its end */
  end: Extract<Entry, { kind: 'verified' | 'failed' }> | null;
}

/** What a journal comes to. */
export interface Standing {
  /** where what was there before is saved: commits, and by item when it was changed last then (epoch ms) */
  saved: { commit: string; items: Record<string, number> }[];
  /** groups as they were before, by their id in the archive */
  groups: Map<string, GroupState>;
  items: Map<string, Progress>;
  /** the run that saves more of it, or has failed in that */
  saving: BeforeRun | null;
  /** the last end that it came to */
  result: RestoreResult | null;
  /** why nobody goes on with it; null once somebody does */
  stopped: Failure | null;
}

const fresh: Progress = { started: new Set(), again: new Set(), done: new Set(), newId: null, made: null, end: null };

/** What the entries come to, in their order. A step that was begun again is no more done. */
export function standingOf(entries: readonly Entry[]): Standing {
  const standing = newStanding();
  for (const entry of entries) hear(standing, entry);
  return standing;
}

/** What a journal without entries comes to. */
export function newStanding(): Standing {
  return { saved: [], groups: new Map(), saving: null, items: new Map(), result: null, stopped: null };
}

/** Takes the next entry into what those before it came to. */
export function hear(standing: Standing, entry: Entry): void {
  if (entry.kind === 'saved') {
    standing.saved.push({ commit: entry.commit, items: entry.items });
    standing.saving = null;
  } else if (entry.kind === 'saving') standing.saving = entry.run;
  else if (entry.kind === 'group-saved') standing.groups.set(entry.itemId, entry.group);
  else if (entry.kind === 'ended') Object.assign(standing, { result: entry.result, stopped: null });
  else if (entry.kind === 'stopped') standing.stopped = entry.failure;
  else if (entry.kind === 'resumed') Object.assign(standing, { stopped: null, saving: null });
  else if (entry.kind !== 'taken') standing.items.set(entry.itemId, after(progressOf(standing, entry.itemId), entry));
}

function after(
  before: Progress,
  entry: Exclude<Extract<Entry, { itemId: string }>, { kind: 'group-saved' }>,
): Progress {
  if (entry.kind === 'verified' || entry.kind === 'failed') return { ...before, end: entry };
  const done = new Set(before.done);
  if (entry.kind === 'started') {
    done.delete(entry.step);
    const again = before.started.has(entry.step) ? new Set([...before.again, entry.step]) : before.again;
    return { ...before, started: new Set([...before.started, entry.step]), again, done };
  }
  done.add(entry.step);
  const { newId, url, layers } = entry;
  if (newId === undefined) return { ...before, done };
  return { ...before, done, newId, made: { newId, ...(url !== undefined && { url }), ...(layers && { layers }) } };
}

/** How far an item is of which the journal may say nothing. */
export function progressOf({ items }: Standing, itemId: string): Progress {
  return items.get(itemId) ?? fresh;
}
