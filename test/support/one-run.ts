import assert from 'node:assert/strict';
import type { Replacements } from '../../lib/replacements.ts';
import type { RunRecord, RunRequest } from '../../lib/backup/run.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { readRecord } from '../../lib/archive/runs/run-record.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { aroundInvocations, type Around } from './invocations.ts';
import type { SimulatedPortal } from './portal/portal.ts';

/** What one run is made of. */
export interface OneRun {
  portal: SimulatedPortal;
  /** where the archive lies, and where the record is read afterwards */
  store: BlobStore;
  clock: Clock;
  /** the store as the run has it, when something is between */
  through?: BlobStore;
  timeouts?: NonNullable<Replacements['timeouts']>;
  settings?: Record<string, string>;
  request?: RunRequest;
  /** stands between the host and its functions */
  around?: Around | undefined;
}

/** One run of the unmodified functions in a host of its own; its record, or undefined when it could write none. */
export async function runOnce({
  portal,
  store,
  clock,
  through = store,
  ...more
}: OneRun): Promise<RunRecord | undefined> {
  const env = { ...portal.env, BACKUP_STORE: 'file:./nowhere', ...more.settings };
  const { timeouts, around, request = {} } = more;
  const replacements = { store: through, clock, ...(timeouts && { timeouts }) };
  const { host } = await startLocalHost(env, () => undefined, replacements);
  const remove = around && (await aroundInvocations(around));
  try {
    const asked = { method: 'POST', path: '/api/backups', headers: {}, body: JSON.stringify(request) };
    const answer = await host.request(asked);
    assert.equal(answer.status, 202, answer.body);
    await host.completed('ago-backup');
    return await readRecord(store, (JSON.parse(answer.body) as { runId: string }).runId);
  } finally {
    await host.close();
    remove?.();
  }
}
