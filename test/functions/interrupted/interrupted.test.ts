import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SaveInput } from '../../../lib/run/save/save-item.ts';
import { functions } from '../../../lib/host/core-module.ts';
import { eventType, type HistoryEvent } from '../../../lib/host/durable/protocol.ts';
import { aroundInvocations } from '../../support/invocations.ts';
import { Nights } from '../../support/nights.ts';

/**
 * A run is interrupted: by every event that replays its orchestrator, by a new version of the app, by an operator. Where the
 * old history cannot be replayed, and in the local host, the run is forgotten, and the next one takes over what is staged.
 */
let nights: Nights;
before(async () => {
  nights = await Nights.open();
});
after(() => nights.portal.close());

/** One turn of an orchestrator: what it was given, and what it answered. */
interface Turn {
  name: string;
  given: { history: HistoryEvent[] };
  /** JSON */
  answer: string;
}

/** What only says that a turn begins or that something was asked for. */
const bookkeeping = new Set<number>([
  eventType.orchestratorStarted,
  eventType.orchestratorCompleted,
  eventType.taskScheduled,
  eventType.subCreated,
  eventType.timerCreated,
]);

test('every event of a run replays its orchestrator from the beginning, alone or with others, to the same end', async (t) => {
  const { InvocationContext } = await import('@azure/functions');
  const turns: Turn[] = [];
  const store = nights.base.snapshot();
  const night = await nights.night(store, async ({ name, kind, input }, execute) => {
    const given = structuredClone(input) as Turn['given'];
    const answer = await execute();
    if (kind === 'orchestrator') turns.push({ name, given, answer: JSON.stringify(answer) });
    return answer;
  });
  nights.assertComplete(night);
  await nights.assertUndisturbed(t, store);

  const replay = async (name: string, given: unknown) => {
    const context = new InvocationContext({ functionName: name });
    return JSON.stringify(await functions.get(name)?.callback(structuredClone(given), context));
  };
  for (const { name, given, answer } of turns) {
    const news = given.history.filter(({ EventType, IsPlayed }) => IsPlayed !== true && !bookkeeping.has(EventType));
    assert.equal(news.length, 1, `${name}: one new event a turn`);
    assert.equal(await replay(name, given), answer, `${name}: another end of the same history`);
    // As after a pause of Azure, which delivers all that has come meanwhile at once.
    const unseen = given.history.map((event) => ({ ...event, IsPlayed: false }));
    assert.equal(await replay(name, { ...given, history: unseen }), answer, `${name}: all events at once`);
  }
  assert.deepEqual([...new Set(turns.map(({ name }) => name))].sort(), [
    'backup',
    'exportItem',
    'itemLane',
    'memberLane',
    'runBackup',
  ]);
  t.diagnostic(`${turns.length} turns`);
});

const data = /^GET .*\/items\/[0-9a-f]+\/data$/;

for (const [phase, activity, nth] of [
  ['while members are checked', 'checkUser', 2],
  ['after the plan', 'readItems', 1],
  ['while items are saved', 'saveItems', 3],
  ['while an export is under way', 'pollExport', 1],
  ['before the last step', 'finishBackup', 1],
] as const) {
  test(`a host that closes ${phase} leaves a run that the next host completes in one commit`, async (t) => {
    const store = nights.base.snapshot();
    const old = await nights.open(store);
    t.after(() => old.host.close());
    const reached = Promise.withResolvers<void>();
    const closes = Promise.withResolvers<null>();
    let count = 0;
    const remove = await aroundInvocations(({ name }, execute) => {
      if (name !== activity || ++count < nth) return execute();
      reached.resolve();
      // Its worker is taken away before it has done anything.
      return closes.promise;
    });
    t.after(remove);
    const runId = await nights.start(old);
    const ended = assert.rejects(old.host.completed('ago-backup'), /closed before/);
    await reached.promise;
    const closing = old.host.close();
    closes.resolve(null);
    await closing;
    await ended;
    remove();
    assert.equal((await nights.head(store)).commit, (await nights.head(nights.base)).commit);

    const next = await nights.open(store);
    t.after(() => next.host.close());
    nights.portal.log.clear();
    const night = await nights.run(next);
    const downloads = nights.portal.log.count(data);
    const first = await next.app.readRecord(runId);
    nights.assertComplete(night);
    assert.deepEqual([first?.outcome, first?.error?.code, first?.commit], ['failed', 'RUN_DEAD', null]);
    if (activity === 'finishBackup') assert.equal(downloads, 0, 'everything was staged already');
    await nights.assertUndisturbed(t, store);
  });
}

/** Gives what was left behind the chance to end. */
async function until(done: () => boolean): Promise<void> {
  for (let turns = 0; turns < 100_000 && !done(); turns++) await new Promise((resolve) => setImmediate(resolve));
}

for (const activity of ['beginRun', 'checkUser', 'planRun', 'saveItems', 'pollExport', 'finishBackup']) {
  test(`a run that is cancelled at ${activity} publishes nothing, and one that is started at once completes it`, async (t) => {
    const store = nights.base.snapshot();
    const opened = await nights.open(store);
    t.after(() => opened.host.close());
    let ending: ReturnType<typeof opened.host.request> | undefined;
    const remove = await aroundInvocations(async ({ name, input }, execute) => {
      if (name !== activity || ending !== undefined) return execute();
      const path = `/api/backups/${(input as { runId: string }).runId}`;
      ending = opened.host.request({ method: 'DELETE', path, headers: {} });
      await ending;
      return execute();
    });
    t.after(remove);
    const first = await nights.run(opened);
    const ended = await ending;
    assert.deepEqual([ended?.status, first.record?.outcome], [200, 'cancelled']);
    // Terminated, or failed by itself where a step noticed before.
    assert.notEqual(first.status, 'Completed');
    assert.equal((await nights.head(store)).commit, (await nights.head(nights.base)).commit);
    const second = await nights.run(opened);
    nights.assertComplete(second);
    await until(() => nights.portal.leftovers().length === 0);
    assert.equal((await opened.app.readRecord(first.runId))?.outcome, 'cancelled');
    await nights.assertUndisturbed(t, store);
  });
}

test('a layer that a cancelled run read row by row, since its export was deleted, is exported by the next run', async (t) => {
  const store = nights.base.snapshot();
  const opened = await nights.open(store);
  t.after(() => opened.host.close());
  const read = Promise.withResolvers<void>();
  let ending: Promise<unknown> | undefined;
  const remove = await aroundInvocations(async ({ name, input }, execute) => {
    const { runId, instead } = input as Partial<SaveInput>;
    if (name === 'pollExport' && ending === undefined) {
      ending = opened.host.request({ method: 'DELETE', path: `/api/backups/${runId}`, headers: {} });
      await ending;
    }
    // The next run has swept the export by now; it goes on when the rows are staged.
    if (name === 'planRun' && ending !== undefined) await read.promise;
    const answer = await execute();
    if (name === 'saveItem' && instead !== undefined) read.resolve();
    return answer;
  });
  t.after(remove);
  nights.portal.jobs.rules.polls = 100;
  await nights.run(opened);
  await ending;
  nights.portal.jobs.rules.polls = 1;
  nights.assertComplete(await nights.run(opened));
  await until(() => nights.portal.leftovers().length === 0);
  await nights.assertUndisturbed(t, store);
});
