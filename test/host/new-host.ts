import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createHost, type HostParts } from '../../lib/host/host.ts';
import type { LogEntry } from '../../lib/host/invoke.ts';
import { VirtualClock } from '../support/clock.ts';

/** A host with the functions of test/support, ended with the test; and how tests speak to it. */
export async function newHost(t: TestContext, more: Partial<HostParts> = {}) {
  const clock = new VirtualClock();
  const logs: LogEntry[] = [];
  const host = await createHost({ clock, maxActivities: 4, log: (entry) => logs.push(entry), ...more });
  t.after(() => host.close());
  await host.load(async () => {
    await import('../support/local-functions.ts');
    await import('../support/functions/left-behind.ts');
    await import('../support/functions/timers.ts');
  });
  const { calls } = await import('../support/local-functions.ts');
  calls.counts.clear();
  const post = (path: string, body?: unknown) =>
    host.request({ method: 'POST', path, headers: {}, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const start = (id: string, name: string, input?: unknown) => post(`/api/control/start/${id}`, { name, input });
  const run = async (name: string, input?: unknown, id = name) => {
    assert.equal((await start(id, name, input)).status, 200);
    return host.completed(id);
  };
  return { host, clock, logs, calls, post, start, run };
}
