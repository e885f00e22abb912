import { runBlobs } from '../archive/runs/run-blobs.ts';
import { emptyRecord } from '../archive/runs/run-record.ts';
import type { Outcome, RunInput } from '../backup/run.ts';
import { toFailure } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import type { Deps } from '../run/deps.ts';
import { writeJson } from '../storage/json-blobs.ts';
import { dryRun, type Rehearsal } from './dry-run.ts';

/** A dry run whose result is left beside what runs stage, for whoever asked for it. One that fails leaves why. */
export async function rehearse(deps: Deps, input: RunInput, log: Log): Promise<{ outcome: Outcome }> {
  const rehearsal = await dryRun(deps, input, log).catch((error: unknown) => failed(deps, input, error));
  await writeJson(deps.store, runBlobs(input.runId).dryRun, rehearsal);
  return { outcome: rehearsal.outcome };
}

function failed({ clock }: Deps, input: RunInput, error: unknown): Rehearsal {
  const record = emptyRecord(input, 'failed', clock.now(), toFailure(error));
  return { ...record, dryRun: true, changes: [], leftOut: [] };
}
