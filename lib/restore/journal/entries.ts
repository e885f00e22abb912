import type { Counts } from '../../backup/counts.ts';
import type { RunStep } from '../../backup/run.ts';
import type { Failure } from '../../errors.ts';
import type { Planned } from '../../run/plan/plan-run.ts';
import { folderKey } from '../folders/folder.ts';
import type { GroupState } from '../groups/group.ts';
import type { ComparedSoFar } from '../layers/rows/compare/compare.ts';
import type { Difference, ItemOutcome, RestoreResult, StepName } from '../words.ts';

/** What the journal of a restore says, one entry after the other. Nothing is ever changed in it. */
export type Entry = { n: number; at: number } & (
  | ({ kind: 'saved' } & SavedBefore)
  | { kind: 'group-saved'; itemId: string; group: GroupState }
  | { kind: 'folder'; is: 'making'; owner: string; title: string }
  | { kind: 'folder'; is: 'made' | 'found'; owner: string; title: string; id: string }
  | { kind: 'started'; itemId: string; step: StepName }
  | ({ kind: 'done'; itemId: string; step: StepName } & Partial<Made>)
  | { kind: 'rows'; itemId: string; rows: RowsNote }
  | ({ kind: 'verified'; itemId: string } & Verified)
  | { kind: 'failed'; itemId: string; code: string; message: string; hint?: string }
  | { kind: 'ended'; result: RestoreResult }
  | { kind: 'stopped'; failure: Failure }
  | { kind: 'resumed' }
  | { kind: 'taken' }
  | { kind: 'saving'; run: BeforeRun }
);

/** How an item came out, and by what it is known later whether somebody changed it since. */
export interface Verified {
  outcome: ItemOutcome;
  differences: Difference[];
  modified: number;
  /** of a service that was made: when its rows were edited, as `editsOf` says it. Older journals have none */
  edits?: string;
}

/** A run that saves what is there before it is changed. */
export interface BeforeRun extends RunStep {
  itemIds: string[];
  base: string | null;
  members: { listed: number; excluded: number };
  counts: Counts;
  planned: Planned;
}

/** Where what was there before is saved. */
export interface SavedBefore {
  commit: string;
  /** when each item was changed last then, epoch ms */
  items: Record<string, number>;
  /** of hosted layers: what tells whether rows were edited since, and the tree of the item's folder. By item; older journals have none */
  layers?: Record<string, { edits: string; tree: string }>;
  /** the tree of each item's folder, by item; older journals have none */
  trees?: Record<string, string>;
}

/** What putting back rows has to remember, in the order in which it came. */
export type RowsNote =
  /** the service is about to be closed to edits; it was like this */
  | {
      is: 'frozen';
      capabilities: string;
      tracking: Record<string, unknown> | null;
      /** how layers kept their shapes to draw them faster, by their numbers; older journals do not say */
      optimised?: [layer: number, info: Record<string, unknown>][];
    }
  /** a copy of the version is about to be made in the portal */
  | { is: 'copying' }
  /** the copy's service is being made of its file */
  | { is: 'publishing'; itemId: string; jobId: string }
  /** so many files of a layer of the copy were counted, up to those of this row */
  | { is: 'proving'; layer: number; row: number; files: number }
  /** the copy of the version with this tree holds what that holds */
  | { is: 'copied'; tree: string; fileId: string; itemId: string }
  /** the living rows are about to go. `strange`: names of layers of which none had a global id of the copy's rows */
  | { is: 'emptying'; strange?: string[] }
  /** all layers are empty */
  | { is: 'emptied' }
  /** a layer is being loaded at once, by a job of which the address may not be known; that went wrong, and its rows go in piece by piece */
  | { is: 'appending'; layer: number; job: string | null }
  | { is: 'by-pieces'; layer: number }
  /** single rows are about to be added, changed or deleted */
  | { is: 'mending' }
  /** rows with these global ids are about to be added to a layer */
  | { is: 'adding'; layer: number; globalIds: string[] }
  /** so many rows of the version were looked at and mended in a layer */
  | { is: 'mended'; layer: number; rows: number }
  /** the files of the version's rows up to this object id are in */
  | { is: 'filed'; layer: number; row: number }
  /** all of a layer is in, with its files */
  | { is: 'filled'; layer: number }
  /** how far comparing is */
  | { is: 'comparing'; soFar: ComparedSoFar }
  /** those that were there before are about to come back, because of this */
  | { is: 'returning'; failure: Failure }
  /** they could not be brought back */
  | { is: 'half' }
  /** what was there before is there again, because it went wrong. `edits` tells whether rows were edited since */
  | { is: 'returned'; edits: string }
  /** the rows are in, and where they differ from the version */
  | { is: 'loaded'; differences: Difference[] }
  /** the service is open again as it was */
  | { is: 'thawed' };

/** How a service was before it was closed to edits. */
export type Frozen = Extract<RowsNote, { is: 'frozen' }>;

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
  rows: readonly RowsNote[];
  /** the last that was said of its end */
  end: Extract<Entry, { kind: 'verified' | 'failed' }> | null;
}

/** A folder that a restore has made, or found where the plan had found none. */
export interface FolderProgress {
  owner: string;
  title: string;
  /** null as long as nobody knows it */
  id: string | null;
  isMade: boolean;
}

/** What a journal comes to. */
export interface Standing {
  saved: SavedBefore[];
  /** groups as they were before, by their id in the archive */
  groups: Map<string, GroupState>;
  items: Map<string, Progress>;
  /** by `folderKey` */
  folders: Map<string, FolderProgress>;
  /** the run that saves more of it, or has failed in that */
  saving: BeforeRun | null;
  /** the last end that it came to */
  result: RestoreResult | null;
  /** why nobody goes on with it; null once somebody does */
  stopped: Failure | null;
}

const fresh: Progress = {
  started: new Set(),
  again: new Set(),
  done: new Set(),
  newId: null,
  made: null,
  rows: [],
  end: null,
};

/** What the entries come to, in their order. A step that was begun again is no more done. */
export function standingOf(entries: readonly Entry[]): Standing {
  const standing = newStanding();
  for (const entry of entries) hear(standing, entry);
  return standing;
}

/** What a journal without entries comes to. */
export function newStanding(): Standing {
  return {
    saved: [],
    groups: new Map(),
    folders: new Map(),
    saving: null,
    items: new Map(),
    result: null,
    stopped: null,
  };
}

/** Takes the next entry into what those before it came to. */
export function hear(standing: Standing, entry: Entry): void {
  if (entry.kind === 'saved') {
    standing.saved.push(savedIn(entry));
    standing.saving = null;
  } else if (entry.kind === 'saving') standing.saving = entry.run;
  else if (entry.kind === 'group-saved') standing.groups.set(entry.itemId, entry.group);
  else if (entry.kind === 'folder') hearFolder(standing.folders, entry);
  else if (entry.kind === 'ended') Object.assign(standing, { result: entry.result, stopped: null });
  else if (entry.kind === 'stopped') standing.stopped = entry.failure;
  else if (entry.kind === 'resumed') Object.assign(standing, { stopped: null, saving: null });
  else if (entry.kind !== 'taken') standing.items.set(entry.itemId, after(progressOf(standing, entry.itemId), entry));
}

function hearFolder(folders: Standing['folders'], entry: Extract<Entry, { kind: 'folder' }>): void {
  const { owner, title, is } = entry;
  const id = is === 'making' ? null : entry.id;
  folders.set(folderKey(entry), { owner, title, id, isMade: is !== 'found' });
}

const savedIn = ({ commit, items, layers, trees }: SavedBefore): SavedBefore => ({
  ...{ commit, items },
  ...(layers && { layers }),
  ...(trees && { trees }),
});

function after(
  before: Progress,
  entry: Exclude<Extract<Entry, { itemId: string }>, { kind: 'group-saved' }>,
): Progress {
  if (entry.kind === 'verified' || entry.kind === 'failed') return { ...before, end: entry };
  if (entry.kind === 'rows') return { ...before, rows: [...before.rows, entry.rows] };
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
