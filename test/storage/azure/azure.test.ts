import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { systemClock } from '../../../lib/clock.ts';
import { isWorthAnother } from '../../../lib/errors.ts';
import { AzureStore } from '../../../lib/storage/azure/azure.ts';
import { openStore } from '../../../lib/storage/open.ts';
import { withRetry } from '../../../lib/storage/retry.ts';
import { VirtualClock } from '../../support/clock.ts';
import { startAzurite, type Azurite } from '../../support/azurite.ts';
import { drain, hash, namesOf, need, noise, pieces } from '../bodies.ts';
import { storeContract } from '../contract.ts';
import { startProxy, type Fault, type Proxy } from './proxy.ts';

const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const credential = new StorageSharedKeyCredential(account, key);

let azurite: Azurite;
before(async () => {
  azurite = await startAzurite();
});
after(() => azurite.close());

let containers = 0;
const nextContainer = () => azurite.container(`container-${(containers += 1)}`);

storeContract(
  'azure',
  () => {
    const store = new AzureStore(new ContainerClient(nextContainer(), credential), { pageSize: 5 });
    return Promise.resolve({ store, close: () => Promise.resolve() });
  },
  { names: 100 },
);

/** A store behind a proxy that goes wrong as it is told; it waits a millisecond between the SDK's own tries. */
async function behindProxy(decide: (proxy: Proxy, store: AzureStore) => Promise<void>): Promise<void> {
  const proxy = await startProxy(new URL(azurite.url).origin);
  try {
    const address = proxy.url + new URL(nextContainer()).pathname;
    const retryOptions = { maxTries: 3, retryDelayInMs: 1, maxRetryDelayInMs: 1 };
    const store = new AzureStore(new ContainerClient(address, credential, { retryOptions }));
    await store.create();
    await decide(proxy, store);
  } finally {
    await proxy.close();
  }
}

it('openStore opens the development account, and what one store writes the other reads', async () => {
  const address = nextContainer();
  const store = openStore(address, { clock: systemClock });
  assert.equal(store.address, address);
  await store.create();
  await store.put('blob', Buffer.from('x'));
  const other = new AzureStore(new ContainerClient(address, credential));
  assert.equal((await need(other.get('blob'))).bytes.toString(), 'x');
});

it('a container that is missing is STORE_MISSING in every call, never an empty store', async () => {
  const store = openStore(nextContainer(), { clock: systemClock });
  const calls = [
    () => store.get('a'),
    () => store.stream('a'),
    () => store.stat('a'),
    () => store.put('a', Buffer.from('x')),
    () => store.put('a', Buffer.from('x'), { absent: true }),
    () => store.put('a', Buffer.from('x'), { etag: '"0x1"' }),
    () => store.putStream('a', pieces(Buffer.from('x'), 1)),
    () => store.copy('a', 'b'),
    () => store.delete('a'),
    () => namesOf(store.list('')),
  ];
  for (const call of calls) {
    await assert.rejects(call, { name: 'BackupError', code: 'STORE_MISSING' }, call.toString());
  }
});

it('a body is ended when the store fails, so that the download behind it is given up', async () => {
  const store = openStore(nextContainer(), { clock: systemClock });
  let ended = false;
  async function* endless() {
    try {
      for (;;) yield await Promise.resolve(Buffer.alloc(1024 * 1024));
    } finally {
      ended = true;
    }
  }
  await assert.rejects(store.putStream('a', endless()), { code: 'STORE_MISSING' });
  for (let turn = 0; turn < 100 && !ended; turn++) await setImmediate();
  assert.ok(ended);
});

it('a wrong key is STORE_REFUSED, and the message has neither key nor signature nor query', async () => {
  const wrong = new StorageSharedKeyCredential(account, Buffer.from('a wrong key').toString('base64'));
  const store = new AzureStore(new ContainerClient(nextContainer(), wrong));
  for (const call of [() => store.create(), () => store.get('a'), () => namesOf(store.list('a'))]) {
    await assert.rejects(call, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'STORE_REFUSED');
      assert.equal(error.cause, undefined);
      assert.doesNotMatch(error.message, /\?|sig|SharedKey|restype/i);
      return true;
    });
  }
});

it('a conditional write whose answer was lost is known as our own, by its mark and not by its bytes', () =>
  behindProxy(async (proxy, store) => {
    for (const condition of [{ absent: true }, { etag: await need(store.put('branch', Buffer.from('0'))) }] as const) {
      const name = 'absent' in condition ? 'new' : 'branch';
      proxy.next('PUT', 'lose the answer');
      const etag = await store.put(name, Buffer.from('1'), condition);
      assert.equal(etag, (await need(store.stat(name))).etag);
      assert.equal(await store.put(name, Buffer.from('1'), condition), undefined);
    }
  }));

it('a write whose answer was lost is known as our own when it is sent again above the SDK; a rival with its bytes is none', async () => {
  const proxy = await startProxy(new URL(azurite.url).origin);
  try {
    const once = { retryOptions: { maxTries: 1 } };
    const azure = new AzureStore(new ContainerClient(proxy.url + new URL(nextContainer()).pathname, credential, once));
    const clock = new VirtualClock();
    const store = withRetry(azure, clock);
    await store.create();
    proxy.next('PUT', 'lose the answer');
    const write = await store.put('new', Buffer.from('1'), { absent: true });
    assert.equal(write, (await need(store.stat('new'))).etag);
    assert.equal(await store.put('new', Buffer.from('1'), { absent: true }), undefined);
    const mark = { absent: true, write: {} } as const;
    assert.ok(await azure.put('marked', Buffer.from('1'), mark));
    assert.ok(await azure.put('marked', Buffer.from('1'), mark), 'sent again');
    assert.equal(await azure.put('marked', Buffer.from('1'), { absent: true, write: {} }), undefined);

    const before = proxy.requests();
    for (let n = 0; n < 20; n++) proxy.next('GET', { status: 503, code: 'ServerBusy' });
    await assert.rejects(store.get('new'), (error) => !isWorthAnother(error));
    assert.equal(proxy.requests() - before, 7);
  } finally {
    await proxy.close();
  }
});

it('a download that breaks off five times arrives whole, of one version', () =>
  behindProxy(async (proxy, store) => {
    const bytes = noise(6 * 1024 * 1024);
    await store.put('blob', bytes);
    const cut = (times: number) =>
      Array.from({ length: times }, (): Fault => 'cut the body').forEach((f) => proxy.next('GET', f));
    cut(5);
    assert.equal(hash(await drain((await need(store.stream('blob'))).body)), hash(bytes));
    cut(3);
    const range = { start: 1_000_000, length: 4_000_000 };
    assert.equal(hash((await need(store.get('blob', range))).bytes), hash(bytes.subarray(1_000_000, 5_000_000)));
    cut(6);
    await assert.rejects(store.get('blob'), { code: 'STORE_UNREACHABLE', retryable: true });
  }));

it('a blob that is replaced while its download is resumed fails instead of mixing versions', () =>
  behindProxy(async (proxy, store) => {
    await store.put('blob', noise(6 * 1024 * 1024));
    proxy.next('GET', 'cut the body');
    const { body } = await need(store.stream('blob'));
    await store.put('blob', Buffer.alloc(6 * 1024 * 1024));
    await assert.rejects(drain(body), { code: 'STORE_UNREACHABLE', retryable: true });
  }));

it('a source that Azure will not verify is copied through us, and one that is gone is still just gone', () =>
  behindProxy(async (proxy, store) => {
    await store.put('from', Buffer.from('content'));
    proxy.next('PUT', { status: 404, code: 'CannotVerifyCopySource' });
    assert.equal(await store.copy('from', 'to'), true);
    assert.equal((await need(store.get('to'))).bytes.toString(), 'content');
    proxy.next('PUT', { status: 404, code: 'CannotVerifyCopySource' });
    assert.equal(await store.copy('gone', 'to'), false);
  }));

it('failures of the service have their codes, and only those that pass are retryable', () =>
  behindProxy(async (proxy, store) => {
    const cases = [
      [403, 'AuthorizationPermissionMismatch', 'STORE_REFUSED', false],
      [409, 'BlobImmutableDueToPolicy', 'STORE_REFUSED', false],
      [412, 'LeaseIdMissing', 'STORE_UNREACHABLE', true],
      [409, 'ContainerBeingDeleted', 'STORE_UNREACHABLE', true],
      [400, 'InvalidHeaderValue', 'STORE_UNREACHABLE', false],
      [429, 'TooManyRequests', 'STORE_UNREACHABLE', true],
      [503, 'ServerBusy', 'STORE_UNREACHABLE', true],
    ] as const;
    for (const [status, azure, code, retryable] of cases) {
      for (let times = 0; times < 3; times++) proxy.next('PUT', { status, code: azure });
      const message = new RegExp(`\\(${status} ${azure}\\)`);
      await assert.rejects(store.put('a', Buffer.from('x'), { absent: true }), { code, retryable, message }, azure);
      proxy.clear();
    }
    assert.deepEqual(await namesOf(store.list('')), []);
  }));

it('a store that does not answer is STORE_UNREACHABLE and worth another try', () =>
  behindProxy(async (proxy, store) => {
    await proxy.close();
    await assert.rejects(store.get('a'), { code: 'STORE_UNREACHABLE', retryable: true, message: /ECONNREFUSED/ });
  }));
