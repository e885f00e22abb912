import type { LeftOut } from '../../backup/changes.ts';
import type { Counts } from '../../backup/counts.ts';
import type { AcceptedGap, ItemFailure } from '../../backup/run.ts';
import { BackupError } from '../../errors.ts';
import { readStaged, type Staged } from '../../archive/staged-item.ts';
import type { MemberLists } from '../begin/begin-run.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { chunks, namesOf, needJson, readAllJson } from '../../storage/json-blobs.ts';
import type { CheckEnd } from '../check/accepted-checks.ts';
import type { Deps } from '../deps.ts';
import { readChecks } from '../check/accepted-checks.ts';
import { weighGaps } from './weigh-gaps.ts';

/** All that the lanes left for the last step. */
export interface Results {
  staged: Staged[];
  /** ids of all items that were found to be fetched, whatever became of them */
  found: ReadonlySet<string>;
  failures: ItemFailure[];
  /** items to be fetched that nobody came to, because the run was ended */
  left: number;
  /** what was wrong with the list of members itself */
  lists: ItemFailure[];
  /** parts of staged items that could not be had */
  gaps: ItemFailure[];
  /** those of them that an administrator has accepted count no more */
  accepted: AcceptedGap[];
  warnings: string[];
  /** items that were left out */
  leftOut: LeftOut[];
  /** something of the organization could not be read this time, and stays as the archive has it */
  kept: boolean;
  /** members with items that the listing does not hold any more */
  missing: NonNullable<CheckEnd['missing']>[];
  vanished: MemberLists['vanished'];
  /** members whose content was to be listed */
  walked: readonly string[];
  /** fetched from the portal */
  bytes: number;
}

/** Reads what the run staged. An item that failed once and was saved at a second attempt counts as saved. */
export async function collectResults(
  deps: Deps,
  { runId, walks, counts }: { runId: string; walks: readonly string[]; counts: Counts },
): Promise<Results> {
  const { store } = deps;
  const blobs = runBlobs(runId);
  // One listing for all: an unchanged run has next to nothing there.
  const names = await Array.fromAsync(namesOf(store.list(blobs.folder)));
  const below = (prefix: string) => names.filter((name) => name.startsWith(prefix));
  const checks = await Array.fromAsync(readChecks(deps, runId, walks, below(blobs.allAccepted)));
  // What an earlier execution of a step found, and this one did not, was counted nowhere.
  const found = new Set(checks.flatMap(({ ids }) => ids));
  const staged: Staged[] = [];
  const counted = below(blobs.allStaged).filter((name) => found.has(name.slice(blobs.allStaged.length)));
  for await (const group of chunks(counted, 16)) {
    staged.push(...(await Promise.all(group.map((name) => readStaged(store, name)))));
  }
  const saved = new Set(staged.map(({ manifest }) => manifest.id));
  const failures: ItemFailure[] = [];
  for await (const { value } of readAllJson<ItemFailure & { itemId: string }>(store, below(blobs.allFailed))) {
    if (found.has(value.itemId) && !saved.has(value.itemId)) failures.push(value);
  }
  const missing: Results['missing'] = [];
  const leftOut: LeftOut[] = [];
  for (const end of checks) {
    failures.push(...end.failures.filter(({ itemId }) => itemId === null || !saved.has(itemId)));
    if (end.missing !== null) missing.push(end.missing);
    leftOut.push(...(end.leftOut ?? []));
  }
  const {
    lanes,
    vanished,
    warnings,
    lists = [],
    leftOut: others = [],
  } = await needJson<MemberLists>(store, blobs.members);
  leftOut.push(...others);
  for await (const { value } of readAllJson<string>(store, below(blobs.allWarned))) warnings.push(value);
  if (failures.filter(({ itemId }) => itemId === null).length !== counts.membersFailed) {
    throw new BackupError('STORE_DAMAGED', 'The store lost the failures of this run.');
  }
  const { gaps, accepted } = await weighGaps(store, staged);
  const failed = new Set(failures.map(({ itemId }) => itemId));
  const left = [...found].filter((id) => !saved.has(id) && !failed.has(id)).length;
  const bytes = staged.reduce((sum, each) => sum + each.bytes, 0);
  const walked = lanes.flat().map(({ username }) => username);
  const kept = below(blobs.allKept).length > 0;
  return {
    found,
    leftOut,
    staged,
    failures,
    lists,
    left,
    gaps,
    accepted,
    warnings,
    kept,
    missing,
    vanished,
    walked,
    bytes,
  };
}
