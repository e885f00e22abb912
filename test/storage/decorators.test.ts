import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { counting } from '../support/stores/counting.ts';
import { faulty, type Fault, type NumberedCall } from '../support/stores/faulty.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { withRetry } from '../../lib/storage/retry.ts';
import { skewed } from '../support/stores/skewed.ts';
import { Strikes, type Strike } from '../support/stores/strikes.ts';
import { seeded } from '../support/random.ts';
import { drain, namesOf, need, pieces } from './bodies.ts';
import { storeContract } from './contract.ts';

storeContract('memory behind all decorators', () => {
  const store = counting(faulty(new MemoryStore({ clock: systemClock }), () => undefined)).store;
  return Promise.resolve({ store: withRetry(skewed(store, 0), systemClock), close: () => Promise.resolve() });
});

// The first `failures` calls fail; keeps how long was waited.
function unsteady(failures: number, fault: Fault, random?: () => number) {
  const waits: number[] = [];
  const clock: Clock = { now: () => 0, sleep: (ms) => Promise.resolve(void waits.push(ms)) };
  const memory = new MemoryStore({ clock });
  const { store, requests } = counting(faulty(memory, ({ n }: NumberedCall) => (n <= failures ? fault : undefined)));
  const options = { attempts: 4, firstDelay: 100, ...(random && { random }) };
  return { store: withRetry(store, clock, options), memory, requests, waits };
}

it('every call but putStream survives passing failures, with longer and longer pauses', async () => {
  const calls: ((store: MemoryStore) => Promise<unknown>)[] = [
    (store) => store.create(),
    (store) => store.get('blob'),
    (store) => store.stream('blob'),
    (store) => store.stat('blob'),
    (store) => store.put('blob', Buffer.from('new')),
    (store) => store.copy('blob', 'copy'),
    (store) => store.delete('blob'),
    (store) => namesOf(store.list('')),
  ];
  for (const call of calls) {
    const { store, memory, requests, waits } = unsteady(3, 'before');
    await memory.put('blob', Buffer.from('x'));
    assert.ok((await call(store as MemoryStore)) !== false, call.toString());
    assert.deepEqual([requests.total, waits], [4, [100, 200, 400]]);
  }
});

it('a call that keeps failing is given up after the last try', async () => {
  const { store, requests } = unsteady(99, 'before');
  await assert.rejects(store.get('blob'), { code: 'STORE_UNREACHABLE' });
  assert.equal(requests.total, 4);
});

it('pauses are spread between their half and their whole', async () => {
  const { store, waits } = unsteady(2, 'before', () => 0);
  await store.get('blob');
  assert.deepEqual(waits, [50, 100]);
});

it('what is not retryable, or no failure of the store, is not tried again', async () => {
  for (const error of [new BackupError('STORE_REFUSED', 'no'), new TypeError('a defect')]) {
    const { store, requests } = unsteady(1, error);
    await assert.rejects(store.get('blob'), error);
    assert.equal(requests.total, 1);
  }
});

it('a body is not sent twice: it is used up', async () => {
  const { store, requests } = unsteady(1, 'before');
  await assert.rejects(store.putStream('blob', pieces(Buffer.from('x'), 1)), { code: 'STORE_UNREACHABLE' });
  assert.equal(requests.total, 1);
});

it('a conditional write that took effect before its failure is success, also for the branch', async () => {
  const { store, memory } = unsteady(1, 'after');
  const etag = await store.put('refs/heads/main', Buffer.from('mine'), { absent: true });
  assert.equal(etag, (await need(memory.stat('refs/heads/main'))).etag);
});

it('a conditional write that another won while ours was failing is lost', async () => {
  const { store, memory } = unsteady(1, 'before');
  await memory.put('refs/heads/main', Buffer.from('theirs'));
  assert.equal(await store.put('refs/heads/main', Buffer.from('mine'), { absent: true }), undefined);
});

it('the same bytes by another are no success when our own first try already said no', async () => {
  const { store, memory } = unsteady(0, undefined);
  await memory.put('refs/heads/main', Buffer.from('same'));
  assert.equal(await store.put('refs/heads/main', Buffer.from('same'), { absent: true }), undefined);
});

it('a listing that breaks after its first name fails instead of starting over', async () => {
  const memory = new MemoryStore({ clock: systemClock });
  async function* breaking() {
    yield await Promise.resolve({ name: 'a', size: 1, etag: '1', modified: 0 });
    throw new BackupError('STORE_UNREACHABLE', 'broken off', { retryable: true });
  }
  const broken = Object.assign(memory, { list: breaking });
  const found: string[] = [];
  const reading = async () => {
    for await (const { name } of withRetry(broken, systemClock).list('')) found.push(name);
  };
  await assert.rejects(reading, { code: 'STORE_UNREACHABLE' });
  assert.deepEqual(found, ['a']);
});

it('requests are counted by verb and kept in order, failures too', async () => {
  const memory = faulty(new MemoryStore({ clock: systemClock }), ({ verb }) =>
    verb === 'delete' ? 'before' : undefined,
  );
  const { store, requests } = counting(memory);
  await store.put('a', Buffer.from('x'));
  await store.copy('a', 'b');
  await namesOf(store.list('a'));
  await assert.rejects(store.delete('a'));
  await store.put('c', Buffer.from('x'));
  assert.deepEqual(requests, {
    total: 5,
    byVerb: { put: 2, copy: 1, list: 1, delete: 1 },
    log: [
      { verb: 'put', name: 'a' },
      { verb: 'copy', name: 'a', to: 'b' },
      { verb: 'list', name: 'a' },
      { verb: 'delete', name: 'a' },
      { verb: 'put', name: 'c' },
    ],
  });
});

it('a fault before a call leaves the store as it was, one after it does not, and each call has its number', async () => {
  const memory = new MemoryStore({ clock: systemClock });
  const seen: NumberedCall[] = [];
  const own = new Error('killed');
  const faults: Fault[] = ['before', 'after', own, undefined];
  const store = faulty(memory, (call) => {
    seen.push(call);
    return faults[call.n - 1];
  });
  await assert.rejects(store.put('a', Buffer.from('1')), { code: 'STORE_UNREACHABLE', retryable: true });
  assert.equal(await memory.stat('a'), undefined);
  await assert.rejects(store.putStream('b', pieces(Buffer.from('2'), 1)), { code: 'STORE_UNREACHABLE' });
  assert.equal((await need(memory.get('b'))).bytes.toString(), '2');
  await assert.rejects(store.delete('b'), own);
  assert.equal((await drain((await need(store.stream('b'))).body)).toString(), '2');
  assert.deepEqual(
    seen.map(({ verb, name, n }) => [verb, name, n]),
    [
      ['put', 'a', 1],
      ['putStream', 'b', 2],
      ['delete', 'b', 3],
      ['stream', 'b', 4],
    ],
  );
});

// What a store that holds a, b and c gives when this fault strikes each call.
async function spoiled(fault: Fault) {
  const waits: number[] = [];
  const clock: Clock = { now: () => 0, sleep: (ms) => Promise.resolve(void waits.push(ms)) };
  const memory = new MemoryStore({ clock });
  const store = faulty(memory, ({ name }) => (name === 'quiet' ? undefined : fault), clock);
  for (const name of ['a', 'b', 'c']) await memory.put(name, Buffer.from('0123456789'));
  return { memory, store, waits };
}

it('a body or a listing that breaks off has given its first half; a body on its way in leaves nothing', async () => {
  const { memory, store } = await spoiled('halfway');
  const unreachable = { code: 'STORE_UNREACHABLE', retryable: true };
  const got: string[] = [];
  const reading = async () => {
    for await (const piece of (await need(store.stream('a'))).body) got.push(Buffer.from(piece).toString());
  };
  await assert.rejects(reading, unreachable);
  assert.deepEqual(got, ['01234']);
  const names: string[] = [];
  const listing = async () => {
    for await (const { name } of store.list('')) names.push(name);
  };
  await assert.rejects(listing, unreachable);
  assert.deepEqual(names, ['a']);
  await assert.rejects(store.putStream('d', pieces(Buffer.from('0123'), 2)), unreachable);
  await assert.rejects(store.put('d', Buffer.from('x')), unreachable);
  assert.equal(await memory.stat('d'), undefined);
});

it('a slow call waits once for itself and once for each piece', async () => {
  const { store, waits } = await spoiled({ slow: 9 });
  await store.stat('a');
  await drain((await need(store.stream('a'))).body);
  await namesOf(store.list(''));
  assert.deepEqual(waits, [9, 9, 9, 9, 9, 9, 9]);
});

it('a stale listing lacks what the last writes made, copies too, and nothing else', async () => {
  const { store } = await spoiled({ stale: 2 });
  for (const name of ['d', 'e']) await store.put(name, Buffer.from('x'));
  await store.copy('e', 'f');
  assert.deepEqual(await namesOf(store.list('')), ['a', 'b', 'c', 'd']);
});

it('the times of a skewed store are not ours, its bytes are', async () => {
  const store = skewed(new MemoryStore({ clock: { now: () => 5000, sleep: () => Promise.resolve() } }), -3000);
  await store.put('a', Buffer.from('x'));
  const { info } = await need(store.stream('a'));
  const listed = await Array.fromAsync(store.list(''), ({ modified }) => modified);
  const { modified, bytes } = await need(store.get('a'));
  assert.deepEqual([info.modified, listed, modified, bytes.toString()], [2000, [2000], 2000, 'x']);
});

it('strikes are addressed by verb, name, place in the row and chance, and chance is the same for the same seed', () => {
  const call = (n: number): NumberedCall => ({ verb: n % 2 === 0 ? 'put' : 'get', name: `runs/${n % 4}`, n });
  const struck = (strike: Omit<Strike, 'fault'>, seed = 1) => {
    const strikes = new Strikes([{ ...strike, fault: 'before' }], seeded(seed));
    const found = Array.from({ length: 40 }, (_, n) => n).filter((n) => strikes.decide(call(n)) === 'before');
    assert.equal(strikes.hits, found.length);
    return found;
  };
  assert.deepEqual(struck({}), [0]);
  assert.deepEqual(struck({ verb: 'get', skip: 2, times: 2 }), [5, 7]);
  assert.deepEqual(struck({ name: /3$/, times: 3 }), [3, 7, 11]);
  const byChance = struck({ rate: 0.25 });
  assert.deepEqual(struck({ rate: 0.25 }), byChance);
  assert.notDeepEqual(struck({ rate: 0.25 }, 2), byChance);
  assert.ok(byChance.length > 3 && byChance.length < 20);
});
