import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { lookupWithin } from '../../lib/connections.ts';
import { openStore } from '../../lib/storage/open.ts';
import { withRetry } from '../../lib/storage/retry.ts';
import { VirtualClock } from '../support/clock.ts';
import { answer, startHalfOpen, type Played } from '../support/half-open.ts';
import { drain, need, pieces } from './bodies.ts';

const limits = { silence: 40, lookup: 40 };
// The SDK's own pauses of half a second and more would be slept through.
const retryOptions = { maxTries: 3, retryDelayInMs: 1, maxRetryDelayInMs: 1 };

async function silentStore(t: TestContext, ...played: Played[]) {
  const server = await startHalfOpen(...played);
  t.after(() => server.close());
  const address = `http://127.0.0.1:${server.port}/devstoreaccount1/backup`;
  return { server, store: openStore(address, { clock: new VirtualClock(), limits, retryOptions }) };
}

const silent: Played = { silent: true };
const unreachable = { name: 'BackupError', code: 'STORE_UNREACHABLE', retryable: true, message: /ETIMEDOUT/ };
const head = (length: number, status = 200, range = {}) => ({
  status,
  headers: { 'content-length': length, etag: '"1"', 'last-modified': 'Mon, 23 Nov 2026 02:00:00 GMT', ...range },
});
const says = ({ status, headers }: ReturnType<typeof head>, body = ''): Played => ({
  says: answer(status, headers, body),
});

it('a store that takes connections and never answers fails every call; the blocks of a stream alone are sent again', async (t) => {
  const { server, store } = await silentStore(t, silent);
  const calls = [
    () => store.create(),
    () => store.get('a'),
    () => store.stat('a'),
    () => store.put('a', Buffer.from('x')),
    () => store.put('a', Buffer.from('x'), { absent: true }),
    () => store.putStream('a', pieces(Buffer.from('x'), 1)),
    () => store.copy('a', 'b'),
    () => store.delete('a'),
    () => Array.fromAsync(store.list('')),
  ];
  await Promise.all(calls.map((call) => assert.rejects(call, unreachable, call.toString())));
  assert.ok(server.accepted <= calls.length - 1 + retryOptions.maxTries, `${server.accepted}`);
});

it('a body that goes silent after its head, or in its middle, is taken up again where it stopped', async (t) => {
  const { store } = await silentStore(
    t,
    says(head(10)),
    says(head(10), '0123'),
    says(head(6, 206, { 'content-range': 'bytes 4-9/10' }), '456789'),
  );
  const { body } = await need(store.stream('a'));
  assert.equal((await drain(body)).toString(), '0123456789');
});

it('a body that stays silent fails', async (t) => {
  const { store } = await silentStore(t, says(head(10)));
  await assert.rejects(store.get('a'), { code: 'STORE_UNREACHABLE', retryable: true });
});

it('who reads slowly does not lose the connection for it', async (t) => {
  const { server, store } = await silentStore(t, says(head(10), '0123456789'));
  const { body } = await need(store.stream('a'));
  await new Promise((resolve) => setTimeout(resolve, 3 * limits.silence));
  assert.equal((await drain(body)).toString(), '0123456789');
  assert.equal(server.accepted, 1);
});

it('a connection of the pool that went silent meanwhile is not used again', async (t) => {
  const { server, store } = await silentStore(t, says(head(1), 'x'), says(head(1), 'y'));
  assert.equal((await need(store.get('a'))).bytes.toString(), 'x');
  await new Promise((resolve) => setTimeout(resolve, 3 * limits.silence));
  assert.equal((await need(store.get('a'))).bytes.toString(), 'y');
  assert.equal(server.accepted, 2);
});

it('a name that nobody knows is not tried for ever, and the cure is named', async () => {
  const clock = new VirtualClock();
  const began = clock.now();
  const credential = () => ({ getToken: () => Promise.resolve({ token: 'x', expiresOnTimestamp: 4e12 }) });
  const address = 'https://nowhere.blob.core.windows.net.invalid/backup';
  const store = withRetry(
    openStore(address, { clock, credential, limits: { ...limits, silence: 1000 }, retryOptions }),
    clock,
  );
  await assert.rejects(store.get('a'), {
    code: 'STORE_UNREACHABLE',
    retryable: false,
    message: /nowhere.*EAI_FAIL/,
    hint: /BACKUP_STORE.*resolve names/,
  });
  assert.equal(clock.now(), began, 'nobody waited for it above the SDK');
});

it('a name server that does not answer is given up, and looks like a name that nobody knows', async () => {
  const error = await new Promise<unknown>((resolve) =>
    lookupWithin(1, () => undefined)('slow.example', {}, (error) => resolve(error)),
  );
  assert.equal((error as { code?: unknown }).code, 'EAI_FAIL');
});
