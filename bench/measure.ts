import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../lib/backup/run.ts';
import { startLocalHost } from '../lib/cli/local-host.ts';
import { systemClock } from '../lib/clock.ts';
import type { LogEvent } from '../lib/monitor/log.ts';
import { aroundInvocations } from '../test/support/invocations.ts';
import { counting } from '../test/support/stores/counting.ts';
import { openStore } from '../lib/storage/open.ts';

/** What one run took. */
export interface Measured {
  record: RunRecord;
  seconds: number;
  cpuSeconds: number;
  /** from the first question for an item until it is staged, of the item that took longest */
  longestItem: number;
  /** of Durable */
  activities: number;
  /** requests to the store */
  store: number;
  /** MiB, highest so far in this process */
  peakMemory: number;
}

/** A place for runs against a portal that is already there. */
export async function newPlace(env: Record<string, string>, given?: string) {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'ago-bench-')));
  const BACKUP_STORE = `file:${join(folder, 'backup.git')}`;
  const { store, requests } = counting(openStore(BACKUP_STORE, { clock: systemClock }));
  let longest = 0;
  const hear = (_line: string, { event, ms = 0 }: LogEvent) => {
    if (event === 'item.saved') longest = Math.max(longest, ms);
  };
  const { host, app } = await startLocalHost({ ...env, BACKUP_STORE }, hear, { store });
  let activities = 0;
  const forget = await aroundInvocations(({ kind }, execute) => {
    if (kind === 'activity') activities += 1;
    return execute();
  });
  const run = async (): Promise<Measured> => {
    longest = 0;
    const [began, cpu, calls, acted] = [performance.now(), process.cpuUsage(), requests.total, activities];
    const answer = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
    const { runId } = JSON.parse(answer.body) as { runId: string };
    const { error } = await host.completed('ago-backup');
    const record = await app.readRecord(runId);
    if (record === undefined) throw new Error(`no record: ${error ?? ''}`);
    const { user, system } = process.cpuUsage(cpu);
    return {
      record,
      seconds: (performance.now() - began) / 1000,
      cpuSeconds: (user + system) / 1e6,
      longestItem: longest / 1000,
      activities: activities - acted,
      // The record is read for the benchmark, not by the run.
      store: requests.total - calls - 1,
      peakMemory: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  };
  const close = async (keep = false) => {
    await host.close();
    forget();
    if (keep) return;
    await rm(folder, { recursive: true, force: true });
  };
  return { run, close, requests, folder };
}
