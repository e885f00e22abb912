import { startLocalHost } from '../lib/cli/local-host.ts';
import { MemoryStore } from '../lib/storage/memory.ts';
import { largeOrganization } from '../test/support/demo-organization.ts';
import { aroundInvocations } from '../test/support/invocations.ts';
import { startPortal } from '../test/support/portal/portal.ts';
import { watched } from '../test/support/stores/counting.ts';
import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';
import { QuietClock } from './quiet-clock.ts';

/**
 * A first run in which one item of six is exported, against what its requests alone would take on all lanes: what it waits, whatever else
 * the machine does, and what it takes with all that it computes. `node bench/waiting.ts 20 10000 500` takes 10,000 items with 500 exports at
 * 20 ms a request, and only waits.
 */
const [latency = 20, items = 840, services = 160] = process.argv.slice(2).map(Number);
const lanes = 8;
const shape = { members: Math.ceil(items / 50), items, services };

function show(what: string, seconds: number, asked: number): void {
  const least = (asked * latency) / 1000 / lanes;
  const times = (seconds / least).toFixed(2);
  console.log(`${what}: ${times} of requests × latency ÷ lanes (${least.toFixed(1)} s), at most 1.3`);
}

async function waitOnly(): Promise<void> {
  const clock = new QuietClock();
  const portal = await startPortal({ org: largeOrganization(shape), clock, behaviour: { latency } });
  const store = watched(new MemoryStore({ clock }), async (_call, run) => {
    clock.step();
    return run();
  });
  const stepping: typeof fetch = async (...request) => {
    clock.step();
    return fetch(...request).finally(() => clock.step());
  };
  const env = { ...portal.env, BACKUP_STORE: 'file:./nowhere' };
  const { host } = await startLocalHost(env, () => undefined, { store, clock, fetch: stepping });
  const activities = new Map<string, number>();
  const forget = await aroundInvocations(({ name, kind }, execute) => {
    clock.step();
    if (kind === 'activity') activities.set(name, (activities.get(name) ?? 0) + 1);
    return execute();
  });
  const begun = clock.now();
  await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const { status } = await host.completed('ago-backup');
  const seconds = (clock.now() - begun) / 1000;
  const asked = portal.log.count();
  const sum = [...activities.values()].reduce((all, each) => all + each, 0);
  console.log(
    `${status}: a first run of ${items} items, ${services} of them exported, at ${latency} ms a request waits ${seconds.toFixed(1)} s; ${asked} requests, ${sum} activities`,
  );
  console.log([...activities].map(([name, count]) => `${name} ${count}`).join(', '));
  show('waiting alone', seconds, asked);
  forget();
  await portal.close();
  await host.close();
}

async function takeAll(): Promise<void> {
  const portal = await forkPortal({ ...shape, latency });
  const place = await newPlace(portal.env);
  const { record, seconds, cpuSeconds, peakMemory } = await place.run();
  console.log(`${record.outcome}: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, peak ${peakMemory} MiB`);
  show('with all that it computes', seconds, await portal.requests());
  await place.close();
  await portal.close();
}

await waitOnly();
if (process.argv.length === 2) await takeAll();
