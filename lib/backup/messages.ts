import type { ExportFormat } from './formats.ts';
import type { Work } from './plan.ts';
import type { Item, ItemFailure, Manifest, RunRequest, Saved } from './item.ts';

/** What travels through Durable: ids, counts and names of blobs; never a list that grows with the organization. */

/** Every step of a run starts from this. */
export interface RunStep {
  runId: string;
  /** epoch ms */
  started: number;
}

/** What a starter gives the orchestrator, and the orchestrator beginRun. */
export interface RunInput extends RunStep {
  request: RunRequest;
}

/** What a run begins with. */
export interface Begun {
  /** the commit that the run builds on; null in a new repository */
  base: string | null;
  /** members in the organization, and how many the settings leave out */
  members: { listed: number; excluded: number };
  /** lanes of members to walk */
  lanes: number;
  /** dead runs whose staged items may be used, newest first */
  salvage: readonly string[];
  /** when the last run finished, epoch ms */
  lastRun: number | null;
}

/** beginRun's output: also that the run has ended, when its steps are begun again after the last of them. */
export type BeginAnswer = Begun | { ended: RunEnd };

/** A member on a lane; `tree` is the id of their folder in the base commit. */
export interface MemberOnLane {
  username: string;
  tree: string | null;
}

/** readLane's input: which page of which lane. */
export interface LanePage {
  runId: string;
  lane: number;
  page: number;
}

/** checkUser's input. */
export interface CheckInput extends RunStep, MemberOnLane {
  /** only these items; the rest of the member is not looked at */
  items: readonly string[];
  force: boolean;
  lastRun: number | null;
  /** the check that stopped before its end and goes on here */
  resume: string | null;
}

/** readLane's output for members. */
export interface MemberPage {
  members: MemberOnLane[];
  last: boolean;
}

/** readLane's output for items. */
export interface ItemPage {
  refs: WorkRef[];
  /** items of the page that are staged already, because the lane was begun again */
  staged: number;
  last: boolean;
}

/** What checkUser counted. */
export interface Counts {
  listed: number;
  unchanged: number;
  excluded: number;
  /** items to fetch */
  found: number;
  /** items that failed already while they were checked */
  failed: number;
  /** items that the base tree has of the members that were checked */
  archived: number;
  membersFailed: number;
}

/**
 * checkUser's output; `done: false` = call again, it goes on where it stopped. `check` names what it wrote down; null =
 * nothing to write. Only checks that came back this way count, so that one executed twice leaves nothing double.
 */
export type Checked = { done: false; check: string | null } | ({ done: true; check: string | null } & Counts);

/** acceptChecks's input: the checks of one page of a lane. */
export interface AcceptInput {
  runId: string;
  /** the lane's name for what it accepts */
  walk: string;
  page: number;
  checks: readonly string[];
}

/** What one check of one member came to. */
export interface CheckEnd {
  /** names of the blobs with the found items, a page of a listing each */
  pages: readonly string[];
  /** the found items */
  ids: readonly string[];
  failures: ItemFailure[];
  /** archived items that the listing does not hold any more; null when none, or when the listing says nothing about it */
  missing: { username: string; tree: string; ids: string[] } | null;
}

/** A found item, one line of a blob: all that saving it needs. */
export interface Found {
  item: Item;
  folder: { id: string | null; title: string; created: number };
  stamp: string;
  step: Work['step'];
  onlyTables: boolean;
  /** names of the layers whose rows are edited without a date */
  undated?: readonly string[];
  /** why the service that it points to is not taken for its own, as a sentence */
  notOwn?: string;
  /** the greatest time in the member's listing so far, epoch ms by the portal's clock */
  newest: number;
  /** it could not be exported the last time, and nothing changed since: `saved` stays when it cannot be exported again */
  retry?: true;
  /** is it the day on which everything small is read again? */
  due: boolean;
  /** what the archive has of it, under the same member */
  saved?: Saved;
}

/** Where a found item's line lies. */
export type WorkRef = Pick<Work, 'itemId' | 'blob' | 'start' | 'length' | 'step'>;

/** planRun's input: how much checkUser found, and how much had failed by then. */
export interface PlanInput extends RunStep {
  /** under which names the lanes of members accepted checks */
  walks: readonly string[];
  found: number;
  failed: number;
}

/** planRun's output. */
export interface Planned {
  lanes: number;
  total: number;
  /** items listed twice, under two members, because they moved while the run was listing */
  duplicates: number;
}

/** saveItem's input. */
export interface SaveInput extends RunStep {
  work: WorkRef;
  salvage: readonly string[];
  exported?: { exportItemId: string; format: ExportFormat; again: boolean };
  /** why its rows are read by queries in place of an export */
  instead?: ExportTrouble;
}

/** Why an export came to nothing. */
export interface ExportTrouble {
  code: 'EXPORT_REFUSED' | 'EXPORT_FAILED' | 'EXPORT_TIMEOUT';
  message: string;
}

/** How an item ended. */
export type ItemResult = { ok: true; bytes: number } | { ok: false; code: string; message: string };

/** Why what was exported is not taken for the layer's backup: rows are lacking, or the service was edited meanwhile. */
export interface Unproven {
  ok: false;
  unproven: 'lacking' | 'moved';
  code: ExportTrouble['code'];
  message: string;
}

/** startExport's input. */
export interface ExportInput extends RunStep {
  work: WorkRef;
  salvage: readonly string[];
  format: ExportFormat;
  /** the second time, because the service was edited during the first */
  again: boolean;
}

/** A running export. */
export interface Exporting {
  exportItemId: string;
  jobId: string;
  owner: string;
  /** name of its intent */
  intent: string;
  /** has the portal shown that the item is what the intent stands for? */
  proved: boolean;
}

/** startExport's output: a running export; why there is none; or the item's end, because a dead run had it already. */
export type ExportStarted =
  | { exporting: Exporting; format: ExportFormat; onlyTables: boolean; timeout: number }
  | { refused: ExportTrouble }
  | { ended: ItemResult };

/** deleteExport's input. */
export interface ExportingInput extends RunStep {
  exporting: Exporting;
}

/** pollExport's input. */
export interface PollInput extends ExportingInput {
  work: WorkRef;
}

/** How an export is doing; a failed job is an answer. */
export interface ExportStatus {
  status: 'processing' | 'completed' | 'failed';
  message?: string;
}

/** pollExport's output: how the export is doing, or the item's end, because the portal would not say. */
export type Polled = ExportStatus | { ended: ItemResult };

/** What a staged blob says of itself. */
export interface StagedItem {
  manifest: Manifest;
  /** epoch ms */
  created: number;
  folderCreated: number;
  /** names of the files, in the order of the staged objects */
  files: readonly string[];
  /** files that stay as the base tree has them, by name */
  kept: readonly string[];
  /** what could not be had of it, for the report; an older version staged none */
  gaps?: readonly ItemFailure[];
  /** fetched from the portal */
  bytes: number;
}

/** finishBackup's input. */
export interface FinishInput extends RunStep {
  request: RunRequest;
  base: string | null;
  members: { listed: number; excluded: number };
  /** as in planRun's input */
  walks: readonly string[];
  counts: Counts;
  planned: Planned;
}

/** failBackup's input. */
export interface FailInput extends RunStep {
  failure: { code: string; message: string; hint: string };
}

/** What an orchestrator returns of a run; the rest stands in the run record. */
export interface RunEnd {
  runId: string;
  outcome: string;
}

/** What the orchestrator and its lanes show of their progress while they run. */
export interface Progress {
  runId: string;
  phase: string;
  total: number;
  done: number;
  failed: number;
}
