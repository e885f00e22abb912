import { readdir } from 'node:fs/promises';
import { replaceParts } from '../lib/app.ts';
import { noCounts } from '../lib/backup/counts.ts';
import type { LanePage } from '../lib/backup/run.ts';
import { createHost } from '../lib/host/host.ts';
import { VirtualClock } from '../test/support/clock.ts';
import { aroundInvocations } from '../test/support/invocations.ts';

/**
 * 100,000 items, 5,000 members, 4,000 exports through the real orchestrators: the steps only take the time that the portal
 * and the store would, on a virtual clock. Shows what Durable carries, how long a night is and what it costs.
 */
const shape = { members: 5000, items: 100_000, changed: 0.03, exports: 4000, lanes: 8 };
const latency = { portal: 250, store: 20 };
/** requests to the portal a step makes: a listing for each hundred items, six for an item's parts */
const perMember = Math.ceil(shape.items / shape.members / 100) + 1;
const changedItems = Math.round(shape.items * shape.changed);
const changedExports = Math.round(shape.exports * shape.changed * 10);

const clock = new VirtualClock();
const seen = { turns: 0, activities: 0, portal: 0, history: 0, message: 0, activitiesOf: new Map<string, number>() };

async function step<T>(portal: number, store: number, answer: T): Promise<T> {
  seen.activities += 1;
  seen.portal += portal;
  await clock.sleep(portal * latency.portal + store * latency.store);
  return answer;
}

function pageOf<T>(
  all: number,
  { lane, page }: LanePage,
  size: number,
  make: (n: number) => T,
): { list: T[]; last: boolean } {
  const mine = Math.ceil((all - lane) / shape.lanes);
  const list = Array.from({ length: Math.max(0, Math.min(size, mine - page * size)) }, (_, n) =>
    make((page * size + n) * shape.lanes + lane),
  );
  return { list, last: (page + 1) * size >= mine };
}

const id = (n: number) => n.toString(16).padStart(32, '0');
replaceParts({ env: { ARCGIS_USERNAME: 'x', ARCGIS_PASSWORD: 'y', BACKUP_STORE: 'file:./nowhere' }, clock });
const polls = new Map<string, number>();
/** The steps, by the names of their functions. */
const simulated = {
  beginRun: () =>
    step(52, 20, {
      base: null,
      members: { listed: shape.members, excluded: 0 },
      lanes: shape.lanes,
      salvage: [],
      lastRun: 0,
    }),
  readMembers: (input: LanePage) => {
    const { list, last } = pageOf(shape.members, input, 100, (n) => ({ username: `member${n}`, tree: id(n) }));
    return step(0, 1, { members: list, last });
  },
  checkUser: () => step(perMember + 1, 2, { done: true, check: 'c', ...noCounts, listed: 20, found: 1 }),
  acceptChecks: () => step(0, 1, null),
  saveOrganization: () => step(600, 2, null),
  planRun: () => step(0, 5000, { lanes: shape.lanes, total: changedItems, duplicates: 0 }),
  readItems: (input: LanePage) => {
    const { list, last } = pageOf(changedItems, input, 100, (n) => ({
      itemId: id(n),
      blob: `ago-backup/runs/0190f3f1-0000-7000-8000-000000000000/checks/0123456789abcdef/found-0.jsonl`,
      start: 0,
      length: 2000,
      step: n < changedExports ? ('export' as const) : ('save' as const),
    }));
    return step(0, 2, { refs: list, staged: 0, last });
  },
  startExport: ({ work }: { work: { itemId: string } }) =>
    step(4, 1, {
      exporting: { exportItemId: work.itemId, jobId: 'job', owner: 'ana' },
      format: 'File Geodatabase',
      onlyTables: false,
      timeout: 3_600_000,
      polled: { status: 'processing' },
    }),
  pollExport: ({ exporting }: { exporting: { exportItemId: string } }) => {
    const n = (polls.get(exporting.exportItemId) ?? 0) + 1;
    polls.set(exporting.exportItemId, n);
    if (n < 3) return step(1, 0, { status: 'processing' });
    return step(10, 4, { ended: { ok: true, bytes: 5_000_000 }, isDeleted: true });
  },
  // Items are begun for thirty seconds.
  saveItems: async ({ refs }: { refs: readonly unknown[] }) => {
    const done = Math.min(refs.length, Math.ceil(30_000 / (8 * latency.portal)));
    return step(8 * done, 2 + 2 * done, { done, failed: 0 });
  },
  finishBackup: () => step(100, 3 * changedItems, { runId: 'r', outcome: 'complete' }),
  failBackup: () => step(0, 1, { runId: 'r', outcome: 'failed' }),
} as unknown as Record<string, (input: unknown) => Promise<unknown>>;
// What an activity answers its orchestrator: lib/activity.ts.
await aroundInvocations(async ({ name, kind, input }, execute) => {
  const act = kind === 'activity' ? simulated[name] : undefined;
  return act === undefined ? execute() : { value: await act(input) };
});

const observe = ({ id: instance, history, message }: { id: string; history: number; message: number }) => {
  seen.turns += 1;
  seen.history = Math.max(seen.history, history);
  seen.message = Math.max(seen.message, message);
  seen.activitiesOf.set(instance, (seen.activitiesOf.get(instance) ?? 0) + 1);
};
const host = await createHost({ clock, maxActivities: 2 * shape.lanes, log: () => undefined, observe });
const folder = new URL('../functions/', import.meta.url);
await host.load(async () => {
  for (const name of (await readdir(folder)).sort()) await import(new URL(name, folder).href);
});
const [began, from] = [performance.now(), clock.now()];
await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
const { status, error } = await host.completed('ago-backup');
const hours = (clock.now() - from) / 3_600_000;
const transactions = seen.activities * 12 + seen.turns * 6;
console.log(
  `${status} ${error ?? ''}: a night of ${hours.toFixed(1)} h on ${shape.lanes} lanes (simulated in ${((performance.now() - began) / 1000).toFixed(0)} s)`,
);
console.log(
  `${seen.activities} activities, ${seen.turns} turns, longest history ${seen.history} events, largest message ${seen.message} bytes (at most 45,000)`,
);
console.log(
  `${seen.portal} portal requests, about ${transactions} Durable storage transactions, ${((hours * shape.lanes * 3600 * 2 * 0.000026) / 4).toFixed(2)} USD of GB-s at four lanes an instance`,
);
if (status !== 'Completed' || seen.message > 45_000) process.exitCode = 1;
await host.close();
