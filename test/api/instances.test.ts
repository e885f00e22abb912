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

test('an instance that ends, and is forgotten, between the look and the termination has ended; any other trouble is trouble', async () => {
  const unknown = 'DurableClient error: Durable Functions extension replied with HTTP 404 response: {}';
  const after = (end: () => Promise<unknown>) => {
    const looks = [() => Promise.resolve(running), end];
    const terminate = () => Promise.reject(new Error("No instance with ID 'x' found."));
    return instancesOf(client({ terminate, getStatus: () => looks.shift()?.() }));
  };
  await after(() => Promise.reject(new Error(unknown))).terminate('x', 'RUN_CANCELLED');
  await after(() => Promise.resolve({ ...running, runtimeStatus: 'Completed' })).terminate('x', 'RUN_CANCELLED');
  await assert.rejects(after(() => Promise.resolve(running)).terminate('x', 'RUN_CANCELLED'), /No instance/);
});

test('a lane that has just begun anew shows what it was given', async () => {
  const given = { ...input, page: 1, done: 25, failed: 2 };
  const shown = async (customStatus: unknown) => {
    const instances = instancesOf(
      client({ getStatus: () => Promise.resolve({ ...running, input: given, customStatus }) }),
    );
    const { done, failed } = (await instances.status('x'))?.progress ?? {};
    return [done, failed];
  };
  assert.deepEqual(await shown(null), [25, 2]);
  assert.deepEqual(await shown({ done: 26, failed: 2 }), [26, 2]);
});

test('why an instance failed is what the extension says of it; the reason of a termination is none', async () => {
  const errorOf = async (runtimeStatus: string) => {
    const found = { ...running, runtimeStatus, output: '[STORE_FULL] The disk is full.' };
    return (await instancesOf(client({ getStatus: () => Promise.resolve(found) })).status('x'))?.error;
  };
  assert.equal(await errorOf('Failed'), '[STORE_FULL] The disk is full.');
  assert.equal(await errorOf('Terminated'), undefined);
});
