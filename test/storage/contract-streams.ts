import assert from 'node:assert/strict';
import { drain, failing, hash, namesOf, need, noise, pieces } from './bodies.ts';
import type { Check } from './contract.ts';

/** The part of the contract about streams. */
export function streams(check: Check): void {
  check('20 MiB stream in and out byte for byte, in pieces of any size', async (store) => {
    const bytes = noise(20 * 1024 * 1024 + 17);
    const info = await store.putStream('large', pieces(bytes, 777_777));
    assert.deepEqual(info, await store.stat('large'));
    assert.equal(info.size, bytes.length);
    assert.equal(hash(await drain((await need(store.stream('large'))).body)), hash(bytes));
    assert.equal(hash((await need(store.get('large'))).bytes), hash(bytes));
    const range = { start: 9 * 1024 * 1024 - 3, length: 3 * 1024 * 1024 };
    const part = hash(bytes.subarray(range.start, range.start + range.length));
    assert.equal(hash(await drain((await need(store.stream('large', range))).body)), part);
    assert.equal(hash((await need(store.get('large', range))).bytes), part);
    assert.equal(await store.copy('large', 'copied'), true);
    assert.equal(hash((await need(store.get('copied'))).bytes), hash(bytes));
  });

  check('a body that fails half-way leaves the old blob, and its own failure arrives', async (store) => {
    await store.put('blob', Buffer.from('old'));
    const failure = Object.assign(new Error('the download broke off'), { code: 'ECONNRESET', syscall: 'read' });
    for (const name of ['blob', 'new']) {
      await assert.rejects(store.putStream(name, failing(9 * 1024 * 1024, failure)), (error) => error === failure);
    }
    assert.equal((await need(store.get('blob'))).bytes.toString(), 'old');
    assert.deepEqual(await namesOf(store.list('')), ['blob']);
  });

  check('a body is ended by the store when it is given up', async (store) => {
    let ended = false;
    async function* body() {
      try {
        yield await Promise.resolve(Buffer.from('x'));
        throw new Error('broken');
      } finally {
        ended = true;
      }
    }
    await assert.rejects(store.putStream('blob', body()), { message: 'broken' });
    assert.equal(ended, true);
  });

  check('two who stream to one name at the same time never mix their bytes', async (store) => {
    const bodies = ['A', 'B', 'C'].map((letter) => Buffer.alloc(9 * 1024 * 1024, letter));
    const results = await Promise.allSettled(bodies.map((body) => store.putStream('blob', pieces(body, 1_000_003))));
    assert.ok(results.some(({ status }) => status === 'fulfilled'));
    for (const result of results) {
      if (result.status === 'rejected') assert.equal((result.reason as { code: string }).code, 'STORE_UNREACHABLE');
    }
    const { bytes } = await need(store.get('blob'));
    assert.ok(bodies.some((body) => body.equals(bytes)));
  });
}
