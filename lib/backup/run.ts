import type { ContentWarning } from './warnings.ts';

/** What a run may be asked for. Empty = everything. */
export interface RunRequest {
  users?: readonly string[];
  items?: readonly string[];
  /** fetch everything again, whatever the stamps say */
  force?: boolean;
  /** remove from the tree what is gone, even above BACKUP_PRUNE_LIMIT */
  acceptPrune?: boolean;
  /** begin a new archive although an earlier run left one there, which is gone */
  newArchive?: boolean;
  /** check everything, and fetch and change nothing */
  dryRun?: boolean;
}

/**
 * An item or member that could not be saved. `itemId` is null when the member could not be listed, or, with an empty `owner`, a
 * list of the organization, which is the title then; with a `part` the item was saved, and this part of it could not be had.
 */
export interface ItemFailure {
  itemId: string | null;
  title: string;
  owner: string;
  part?: string;
  code: string;
  message: string;
  hint: string;
}

/** A part that could not be had, which an administrator has accepted. */
export interface AcceptedGap extends ItemFailure {
  reason: string;
  /** when it was accepted, ISO 8601 */
  since: string;
}

/** How a run ended. */
export type Outcome = 'complete' | 'partial' | 'failed' | 'cancelled';

/** The run record: what `ago-backup run --json` prints and GET /api/backups/{id} answers. */
export interface RunRecord {
  runId: string;
  outcome: Outcome;
  /** the commit made; null when nothing changed */
  commit: string | null;
  members: { listed: number; excluded: number; failed: number };
  /** listed = added + changed + unchanged + excluded + failed */
  listed: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  excluded: number;
  failed: number;
  /**
   * items that were saved, or found unchanged, without a part that could not be had and is not accepted; counted above as what
   * they are
   */
  gaps: number;
  /** fetched from the portal */
  bytes: number;
  /** also the parts that could not be had; these do not count in `failed` */
  failures: readonly ItemFailure[];
  /** parts that could not be had, as is known and accepted; absent when there are none */
  accepted?: readonly AcceptedGap[];
  /** what a reader should know although nothing failed, each a sentence */
  warnings: readonly string[];
  /** what may be a loss; absent where nothing is */
  losses?: readonly ContentWarning[];
  /** the store held no commit before */
  newArchive?: true;
  seconds: number;
  /** epoch ms */
  started: number;
  /** false when the run was asked for some members or items only; older records do not say */
  whole?: boolean;
  /** why the run failed or was cancelled */
  error?: { code: string; message: string; hint: string };
}

/** Does the request mean the whole organization? Only then does a missing member mean anything. */
export function isWhole({ users = [], items = [] }: RunRequest): boolean {
  return users.length === 0 && items.length === 0;
}

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

/** readLane's input: which page of which lane. */
export interface LanePage {
  runId: string;
  lane: number;
  page: number;
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
  /** fetched by then; older workers do not say it */
  bytes?: number;
  /** where the line of the item lies that is under way, or the member's name */
  at?: LinePlace | string | undefined;
  /** when the phase began, epoch ms */
  since?: number;
}

/** Where the line of a found item lies. */
export interface LinePlace {
  blob: string;
  /** bytes */
  start: number;
  length: number;
  /** how many are saved together with it, by one activity */
  others?: number;
}
