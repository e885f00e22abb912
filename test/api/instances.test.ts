import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DurableClient } from 'durable-functions';
import { instancesOf } from '../../lib/api/instances.ts';

const input = { runId: '7', started: 1, request: {} };
const running = { runtimeStatus: 'Running', lastUpdatedTime: '2026-11-23T02:00:00Z', input, customStatus: null };

/** A Durable client of which only what is given exists. */
function client(methods: Record<string, (...args: never[]) => unknown>): DurableClient {
  return methods as unknown as DurableClient;
}

for (const [runtimeStatus, expected] of [
  ['Running', true],
  ['Pending', true],
  ['Suspended', true],
  ['ContinuedAsNew', true],
  ['Completed', false],
  ['Failed', false],
  ['Terminated', false],
  ['Canceled', false],
] as const) {
  test(`an instance that is ${runtimeStatus} ${expected ? 'runs' : 'does not run'}`, async () => {
    const instances = instancesOf(client({ getStatus: () => Promise.resolve({ ...running, runtimeStatus }) }));
    assert.equal((await instances.status('x'))?.running, expected);
  });
}

for (const [name, given] of [
  ['objects', { input, customStatus: { phase: 'items' } }],
  ['JSON', { input: JSON.stringify(input), customStatus: '{"phase":"items"}' }],
] as const) {
  test(`input and progress are read where the extension gives them as ${name}`, async () => {
    const instances = instancesOf(client({ getStatus: () => Promise.resolve({ ...running, ...given }) }));
    const found = await instances.status('x');
    assert.deepEqual([found?.input, found?.progress?.phase], [input, 'items']);
    assert.equal(found?.lastUpdated, Date.UTC(2026, 10, 23, 2));
  });
}

test('an id that Durable does not know is none; any other trouble is trouble', async () => {
  const failing = (message: string) => instancesOf(client({ getStatus: () => Promise.reject(new Error(message)) }));
  const unknown = 'DurableClient error: Durable Functions extension replied with HTTP 404 response: {}';
  assert.equal(await failing(unknown).status('x'), undefined);
  await assert.rejects(failing('replied with HTTP 500 response').status('x'), /500/);
});

test('a start that Durable refuses is false when one is running, whatever the status of the refusal', async () => {
  for (const status of [409, 500]) {
    const startNew = () => Promise.reject(new Error(`replied with HTTP ${status} response`));
    const busy = instancesOf(client({ startNew, getStatus: () => Promise.resolve(running) }));
    assert.equal(await busy.start('backup', 'x', input), false);
    const ended = { ...running, runtimeStatus: 'Completed' };
    const idle = instancesOf(client({ startNew, getStatus: () => Promise.resolve(ended) }));
    await assert.rejects(idle.start('backup', 'x', input), new RegExp(String(status)));
  }
});

test('only what runs is terminated, with a reason that stays one', async () => {
  const ended: string[][] = [];
  const terminate = (...args: string[]) => Promise.resolve(void ended.push(args));
  const states = new Map([['a', 'Running'], ['b', 'Completed']]); // prettier-ignore
  const getStatus = (id: string) => Promise.resolve({ ...running, runtimeStatus: states.get(id) });
  const instances = instancesOf(client({ terminate, getStatus }));
  for (const id of states.keys()) await instances.terminate(id, 'RUN_DEAD & more?');
  assert.deepEqual(ended, [['a', 'RUN_DEAD%20%26%20more%3F']]);
});
