import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Replacements } from '../../lib/replacements.ts';
import type { RunRecord, RunRequest } from '../../lib/backup/run.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import type { LogEvent } from '../../lib/monitor/log.ts';
import { VirtualClock } from './clock.ts';
import type { PortalOptions, SimulatedPortal } from './portal/portal.ts';
import { startPortal } from './portal/portal.ts';

/** A portal, an empty store and the functions in this process. */
export interface Backup {
  portal: SimulatedPortal;
  clock: VirtualClock;
  /** the store's folder */
  store: string;
  env: Record<string, string>;
  /** log lines of all runs */
  events: LogEvent[];
  /** One whole run through the orchestrator; its record. */
  run: (request?: RunRequest) => Promise<RunRecord>;
  /** The host and the app, as the command has them; made anew when `more` is given. */
  open: (more?: Replacements) => ReturnType<typeof startLocalHost>;
}

/** Everything goes when the test ends; and no test may leave a trace in the portal. */
export async function newBackup(
  t: TestContext,
  { settings = {}, ...options }: PortalOptions & { settings?: Record<string, string> } & Replacements = {},
): Promise<Backup> {
  const clock = new VirtualClock();
  const portal = await startPortal({ clock, ...options });
  const store = join(await mkdtemp(join(tmpdir(), 'ago-run-')), 'backup.git');
  const env: Record<string, string> = { ...portal.env, BACKUP_STORE: `file:${store}`, ...settings };
  const events: LogEvent[] = [];
  let opened: ReturnType<typeof startLocalHost> | undefined;
  const replacements: Replacements = { clock, ...(options.store && { store: options.store }) };
  if (options.scratch) replacements.scratch = options.scratch;
  const open = (more?: Replacements) => {
    if (more === undefined && opened !== undefined) return opened;
    const old = opened;
    opened = (async () => {
      await (await old)?.host.close();
      return startLocalHost(env, (_line, event) => events.push(event), { ...replacements, ...more });
    })();
    return opened;
  };
  t.after(async () => {
    // The portal first, so that nothing waits for it.
    await portal.close();
    await (await opened)?.host.close();
    await rm(join(store, '..'), { recursive: true, force: true, maxRetries: 3 });
    // Whoever restores, by an account of its own, may.
    const writes = portal.writes().filter(({ who }) => who !== settings.RESTORE_USERNAME);
    assert.deepEqual(writes, [], 'the backup changed something in the portal');
    assert.deepEqual(portal.leaks, [], 'credentials reached a foreign host');
  });
  const run = async (request: RunRequest = {}) => {
    const { host, app } = await open();
    const answer = await host.request({
      method: 'POST',
      path: '/api/backups',
      headers: {},
      body: JSON.stringify(request),
    });
    assert.equal(answer.status, 202, answer.body);
    const { runId } = JSON.parse(answer.body) as { runId: string };
    const ended = await host.completed('ago-backup');
    const record = await app.readRecord(runId);
    assert.ok(record, `the run left no record: ${ended.error ?? ''}`);
    return record;
  };
  return { portal, clock, store, env, events, run, open };
}
