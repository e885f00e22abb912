import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsOf } from '../../lib/api/instance-ids.ts';
import { cancelRun } from '../../lib/api/end-run.ts';
import { recentRuns, statusOf } from '../../lib/api/run-status.ts';
import { singleton, type RunsDeps } from '../../lib/api/runs.ts';
import { startRun } from '../../lib/api/start-run.ts';
import type { Outcome, RunRecord } from '../../lib/backup/run.ts';
import { BackupError } from '../../lib/errors.ts';
import { newRunId, startOf } from '../../lib/archive/runs/run-history.ts';
import { emptyRecord } from '../../lib/archive/runs/run-record.ts';
import { VirtualClock } from '../support/clock.ts';
import { InstancesInMemory, progress } from './instances-in-memory.ts';

const hour = 3_600_000;

/** Runs over tables: no portal, no store, no Durable. */
function newRuns() {
  const clock = new VirtualClock();
  const instances = new InstancesInMemory(() => clock.now());
  const records = new Map<string, RunRecord>();
  const reported: string[] = [];
  let random = 0;
  const parts: RunsDeps = {
    clock,
    random: () => (++random).toString(16).padStart(7, '0').padEnd(40, '0'),
    silence: 3 * hour,
    lanes: { members: 2, items: 2 },
    readRecord: (runId) => Promise.resolve(records.get(runId)),
    titleAt: ({ blob }) => Promise.resolve(blob === 'swept' ? undefined : `Title in ${blob}`),
    lostRecord: (runId, error) => record(runId, 'failed', { error }),
    elsewhere: () => Promise.resolve(undefined),
    acknowledged: () => Promise.resolve(new Map()),
    endedRuns: (most) => Promise.resolve([...records.keys()].sort().reverse().slice(0, most)),
    recordEnd: (runId, _started, error) => {
      // As in the store, the first to say how a run ended is believed.
      const believed = records.get(runId)?.outcome;
      if (believed !== undefined) return Promise.resolve(believed);
      reported.push(`${runId} ${error.code}`);
      const outcome = error.code === 'RUN_CANCELLED' ? 'cancelled' : 'failed';
      records.set(runId, record(runId, outcome, { error: error.toJSON() }));
      return Promise.resolve(outcome);
    },
  };
  const start = () => startRun(parts, instances, {});
  return { clock, instances, records, reported, parts, start };
}

function record(runId: string, outcome: Outcome, more: Partial<RunRecord> = {}): RunRecord {
  return { ...emptyRecord({ runId, started: startOf(runId) }, outcome, startOf(runId) + 60_000), ...more };
}

test('a run that is started carries its id, its start and what it was asked for', async () => {
  const { clock, instances, parts } = newRuns();
  const { started, runId } = await startRun(parts, instances, { users: ['ana'], force: true });
  assert.equal(started, true);
  assert.deepEqual(instances.table.get(singleton)?.input, {
    runId,
    started: clock.now(),
    request: { users: ['ana'], force: true },
  });
  assert.equal(startOf(runId), clock.now());
});

test('of two starts at one moment one wins, and the other is led to it', async () => {
  const { start, reported } = newRuns();
  const [a, b] = await Promise.all([start(), start()]);
  assert.deepEqual([a.started, b.started], [true, false]);
  assert.equal(b.runId, a.runId);
  assert.deepEqual(reported, []);
});

test('a run that has just spoken, or whose steps or lanes have, is not dead', async () => {
  const { clock, instances, start, reported } = newRuns();
  const { runId } = await start();
  clock.advance(3 * hour - 1);
  assert.deepEqual(await start(), { started: false, runId });
  clock.advance(hour);
  instances.run(idsOf(runId).steps, { lastUpdated: clock.now(), progress: progress(runId) });
  assert.deepEqual(await start(), { started: false, runId });
  clock.advance(3 * hour);
  instances.run(`${runId}-items-1`, { lastUpdated: clock.now() });
  assert.deepEqual(await start(), { started: false, runId });
  assert.deepEqual([reported, instances.terminated], [[], []]);
});

test('a dead run is ended with its lanes and reported, and a new one begins', async () => {
  const { clock, instances, start, reported, records } = newRuns();
  const { runId } = await start();
  instances.run(idsOf(runId).steps, { progress: progress(runId) });
  for (const lane of [0, 1]) instances.run(`${runId}-items-${lane}`);
  clock.advance(3 * hour);
  const next = await start();
  assert.equal(next.started, true);
  assert.notEqual(next.runId, runId);
  assert.deepEqual(reported, [`${runId} RUN_DEAD`]);
  assert.deepEqual(instances.terminated, [singleton, idsOf(runId).steps, `${runId}-items-0`, `${runId}-items-1`]);
  assert.equal(records.get(runId)?.outcome, 'failed');
});

test('a termination that takes Azure its time does not cost the night its backup', async () => {
  const { clock, instances, start } = newRuns();
  await start();
  clock.advance(4 * hour);
  instances.lag = 20;
  assert.equal((await start()).started, true);
});

test('a dead run that cannot be ended is waited for, but not for ever', async () => {
  const { clock, instances, start } = newRuns();
  const { runId } = await start();
  clock.advance(4 * hour);
  instances.lag = Infinity;
  assert.deepEqual(await start(), { started: false, runId });
});

test('two starts that find the same dead run report it once, and neither ends the run of the other', async () => {
  const { clock, instances, parts, start, reported } = newRuns();
  const dead = await start();
  clock.advance(4 * hour);
  let first: ReturnType<typeof start> | undefined;
  // The slower one still writes down the end of the dead run when the faster one has started the next.
  const slow = {
    ...parts,
    recordEnd: async (...end: Parameters<RunsDeps['recordEnd']>) => {
      first ??= start();
      await first;
      return parts.recordEnd(...end);
    },
  };
  const second = await startRun(slow, instances, {});
  const { started, runId } = (await first) ?? dead;
  assert.equal(started, true);
  assert.deepEqual(second, { started: false, runId });
  assert.deepEqual(instances.terminated, [singleton]);
  assert.deepEqual(reported, [`${dead.runId} RUN_DEAD`]);
});

test('a run under way shows its phase, and the sums of its lanes', async () => {
  const { clock, instances, parts, start } = newRuns();
  const { runId } = await start();
  const unknown = { bytes: 0, title: null, others: 0, secondsLeft: null, secondsSilent: 0 };
  const began = {
    runId,
    status: 'running',
    phase: 'begin',
    done: 0,
    total: 0,
    failed: 0,
    started: clock.now(),
    ...unknown,
  };
  assert.deepEqual(await statusOf(parts, instances, runId), began);
  instances.run(idsOf(runId).steps, { progress: progress(runId, { total: 9 }) });
  instances.run(`${runId}-items-0`, { progress: progress(runId, { done: 4, failed: 1 }) });
  instances.run(`${runId}-items-1`, { progress: progress(runId, { done: 2 }) });
  const status = await statusOf(parts, instances, runId);
  assert.deepEqual(status, { ...began, phase: 'items', done: 6, total: 9, failed: 1 });
});

test('a run under way says what it is at, how much it fetched, what is left, and how long it has been silent', async () => {
  const { clock, instances, parts, start } = newRuns();
  const { runId } = await start();
  const place = (blob: string) => ({ blob, start: 0, length: 9, ...(blob === 'one' && { others: 49 }) });
  const steps = (since: number) =>
    instances.run(idsOf(runId).steps, { progress: progress(runId, { total: 30, since }) });
  steps(clock.now());
  instances.run(`${runId}-items-0`, { progress: progress(runId, { done: 4, bytes: 1000, at: place('one') }) });
  const seen = async () => {
    const status = await statusOf(parts, instances, runId);
    assert.ok(status?.status === 'running');
    return [status.title, status.others, status.bytes, status.secondsLeft, status.secondsSilent];
  };
  clock.advance(60_000);
  instances.run(`${runId}-items-1`, { progress: progress(runId, { done: 6, bytes: 500, at: place('other') }) });
  // Ten in a minute leave two minutes for twenty; the lane that has been at its item for longest is named.
  assert.deepEqual(await seen(), ['Title in one', 49, 1500, 120, 0]);
  clock.advance(20 * 60_000);
  assert.deepEqual((await seen()).at(-1), 1200);
  instances.run(`${runId}-items-0`, { running: false, progress: progress(runId, { done: 4, at: place('one') }) });
  instances.run(`${runId}-items-1`, { progress: progress(runId, { done: 0, at: place('swept') }) });
  steps(clock.now());
  assert.deepEqual(await seen(), [null, 0, 0, null, 0]);
  // What an older worker shows has none of it.
  instances.run(idsOf(runId).steps, { progress: { runId, phase: 'members', total: 9 } });
  instances.run(`${runId}-members-0`, { progress: { done: 8, at: 'ana' } });
  assert.deepEqual(await seen(), ['ana', 0, 0, null, 0]);
});

test('what a run under way has done never goes back, from its first page to its last step', async () => {
  const { instances, parts, start } = newRuns();
  const { runId } = await start();
  const show = (phase: string) => instances.run(`${runId}-run`, { progress: { runId, phase, total: 50 } });
  const done = async () => {
    const status = await statusOf(parts, instances, runId);
    return [status?.phase, status?.done, status?.failed];
  };
  show('items');
  instances.run(`${runId}-items-0`, { progress: { done: 30, failed: 1 } });
  instances.run(`${runId}-items-1`, { progress: { done: 20 } });
  assert.deepEqual(await done(), ['items', 50, 1]);
  show('finish');
  assert.deepEqual(await done(), ['finish', 50, 1]);
});

test('a run has ended when the next can be started, and not while its orchestrator still closes', async () => {
  const { instances, parts, start, records } = newRuns();
  const { runId } = await start();
  records.set(runId, record(runId, 'partial', { listed: 7, failed: 1 }));
  assert.equal((await statusOf(parts, instances, runId))?.status, 'running');
  assert.deepEqual(
    (await recentRuns(parts, instances)).map(({ status }) => status),
    ['running'],
  );
  assert.equal((await start()).started, false);
  await instances.terminate(singleton);
  const status = await statusOf(parts, instances, runId);
  assert.deepEqual(
    [status?.status, status?.phase, status?.done, status?.total, status?.failed],
    ['partial', 'end', 7, 7, 1],
  );
  assert.equal((await start()).started, true);
});

test('of six starts that Durable accepts all, the one that begins is answered, and the others are led to it', async () => {
  const { instances, parts, start } = newRuns();
  instances.startLag = 20;
  const answers = await Promise.all(Array.from({ length: 6 }, start));
  assert.equal(answers.filter(({ started }) => started).length, 1);
  const begun = instances.table.get(singleton)?.input?.runId;
  assert.deepEqual(new Set(answers.map(({ runId }) => runId)), new Set([begun]));
  assert.equal(answers.find(({ started }) => started)?.runId, begun);
  assert.equal((await statusOf(parts, instances, begun ?? ''))?.status, 'running');
});

test('a run under way is shown although the store has no container yet, or does not answer', async () => {
  const { instances, parts, start } = newRuns();
  const { runId } = await start();
  parts.readRecord = () => Promise.reject(new BackupError('STORE_UNREACHABLE', 'No answer.'));
  assert.equal((await statusOf(parts, instances, runId))?.status, 'running');
});

test('a run that ends while it is asked for is not taken for lost', async () => {
  const { instances, parts, start, records, reported } = newRuns();
  const { runId } = await start();
  await instances.terminate(singleton);
  parts.readRecord = (id) => {
    const found = records.get(id);
    records.set(runId, record(runId, 'complete'));
    return Promise.resolve(found);
  };
  assert.equal((await statusOf(parts, instances, runId))?.status, 'complete');
  assert.deepEqual(reported, []);
});

test('a run that was ended from outside without a record is recorded as dead and reported, once, by whoever looks first', async () => {
  for (const look of ['GET', 'POST'] as const) {
    const { instances, parts, start, reported, records } = newRuns();
    const { runId } = await start();
    await instances.terminate(singleton);
    if (look === 'GET') await statusOf(parts, instances, runId);
    else assert.equal((await start()).started, true);
    await start();
    const status = await statusOf(parts, instances, runId);
    assert.ok(status?.status === 'failed' && status.error?.code === 'RUN_DEAD', look);
    assert.equal(records.get(runId)?.outcome, 'failed');
    assert.deepEqual(reported, [`${runId} RUN_DEAD`], look);
  }
});

test('a run without a record that said itself why it failed is neither reported twice nor written down', async () => {
  const { instances, parts, start, reported, records } = newRuns();
  const { runId } = await start();
  const error = "Orchestrator function 'backup' failed: [STORE_NOT_REPOSITORY] These are photos.";
  instances.run(singleton, { ...instances.table.get(singleton), running: false, error });
  const status = await statusOf(parts, instances, runId);
  assert.ok(status?.status === 'failed');
  assert.deepEqual([status.error?.code, status.error?.message], ['STORE_NOT_REPOSITORY', 'These are photos.']);
  assert.deepEqual([reported, records.size], [[], 0]);
});

test('a store that does not answer for the last run keeps the next from no beginning', async () => {
  const { instances, parts, start } = newRuns();
  await start();
  await instances.terminate(singleton);
  parts.readRecord = () => Promise.reject(new BackupError('STORE_UNREACHABLE', 'No answer.'));
  assert.equal((await start()).started, true);
});

test('an id that never was is none, and what is no id reaches no store', async () => {
  const { instances, parts, start } = newRuns();
  await start();
  assert.equal(await statusOf(parts, instances, newRunId(1, '0'.repeat(40))), undefined);
  parts.readRecord = (runId) => Promise.reject(new Error(`asked for ${runId}`));
  for (const id of ['', '..', '../../HEAD', `${newRunId(1, '0'.repeat(40))}/members`, 'x\u0000'])
    assert.equal(await statusOf(parts, instances, id), undefined, id);
});

test('the latest runs come first, the one under way before them, and each once', async () => {
  const { clock, instances, parts, start, records } = newRuns();
  const ids = [1, 2, 3].map((n) => newRunId(n, '0'.repeat(40)));
  for (const id of ids) records.set(id, record(id, 'complete'));
  clock.advance(hour);
  const { runId } = await start();
  const idsOf = async (most?: number) => (await recentRuns(parts, instances, most)).map((run) => run.runId);
  assert.deepEqual(await idsOf(), [runId, ...ids.toReversed()]);
  assert.deepEqual(await idsOf(2), [runId, ids[2], ids[1]]);
  await instances.terminate(singleton);
  records.set(runId, record(runId, 'complete'));
  assert.deepEqual(await idsOf(), [runId, ...ids.toReversed()]);
});

test('a run that is cancelled has its record before anything is stopped, and only the one under way can be', async () => {
  const { instances, parts, start, reported, records } = newRuns();
  const { runId } = await start();
  instances.run(idsOf(runId).steps);
  instances.run(`${runId}-members-0`);
  const seen: (string | undefined)[] = [];
  const terminate = instances.terminate.bind(instances);
  instances.terminate = (id) => {
    seen.push(records.get(runId)?.outcome);
    return terminate(id);
  };
  assert.equal(await cancelRun(parts, instances, newRunId(1, '0'.repeat(40))), undefined);
  assert.equal(await cancelRun(parts, instances, runId), 'cancelled');
  assert.ok(seen.every((outcome) => outcome === 'cancelled'));
  assert.deepEqual(reported, [`${runId} RUN_CANCELLED`]);
  assert.deepEqual(instances.terminated, [singleton, idsOf(runId).steps, `${runId}-members-0`]);
  assert.equal(await cancelRun(parts, instances, runId), undefined);
  assert.equal((await statusOf(parts, instances, runId))?.status, 'cancelled');
});

test('a run that has published when it is cancelled is said to be what it is, and is left to its end', async () => {
  const { instances, parts, start, records } = newRuns();
  const { runId } = await start();
  records.set(runId, record(runId, 'complete'));
  assert.equal(await cancelRun(parts, instances, runId), 'complete');
  assert.deepEqual(instances.terminated, []);
});
