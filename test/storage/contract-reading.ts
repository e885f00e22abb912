import assert from 'node:assert/strict';
import { collect, drain, namesOf, need, noise, pieces } from './bodies.ts';
import type { Check } from './contract.ts';

/** The part of the contract about reading. */
export function reading(check: Check): void {
  check('what is not there is a value, not a failure', async (store) => {
    assert.equal(await store.get('nothing'), undefined);
    assert.equal(await store.get('deep/down/nothing', { start: 3, length: 5 }), undefined);
    assert.equal(await store.stream('nothing'), undefined);
    assert.equal(await store.stat('nothing'), undefined);
    assert.deepEqual(await collect(store.list('')), []);
  });

  check('a blob comes back byte for byte, with the same facts from every call', async (store) => {
    const bytes = noise(3_000);
    const etag = await store.put('a/blob', bytes);
    const { bytes: read, ...info } = await need(store.get('a/blob'));
    assert.deepEqual(read, bytes);
    assert.deepEqual({ ...info, modified: 0 }, { name: 'a/blob', size: 3_000, etag, modified: 0 });
    assert.deepEqual(await store.stat('a/blob'), info);
    assert.deepEqual((await need(store.stream('a/blob'))).info, info);
    assert.deepEqual(await collect(store.list('a/')), [info]);
    assert.deepEqual(await need(store.get('a/blob', { start: 1, length: 2 })), {
      ...info,
      bytes: bytes.subarray(1, 3),
    });
  });

  check('a range is cut at the end of the blob, and past it there is nothing', async (store) => {
    await store.put('blob', Buffer.from('0123456789'));
    const cases: [start: number, length: number, text: string][] = [
      [0, 4, '0123'],
      [8, 100, '89'],
      [9, 1, '9'],
      [10, 5, ''],
      [500, 5, ''],
      [0, 0, ''],
      [3, 0, ''],
    ];
    for (const [start, length, text] of cases) {
      const blob = await need(store.get('blob', { start, length }));
      assert.deepEqual([blob.bytes.toString(), blob.size], [text, 10], `get ${start}+${length}`);
      const { info, body } = await need(store.stream('blob', { start, length }));
      assert.deepEqual([(await drain(body)).toString(), info.size], [text, 10], `stream ${start}+${length}`);
    }
    assert.equal((await need(store.get('blob', { start: 2, length: 3 }))).bytes.toString(), '234');
  });

  check('an empty blob is there', async (store) => {
    await store.put('by/put', Buffer.alloc(0));
    await store.putStream('by/stream', pieces(Buffer.alloc(0), 10));
    for (const name of ['by/put', 'by/stream']) {
      const blob = await need(store.get(name));
      assert.deepEqual([blob.size, blob.bytes.length], [0, 0]);
      assert.equal((await need(store.get(name, { start: 0, length: 9 }))).bytes.length, 0);
      assert.equal((await drain((await need(store.stream(name))).body)).length, 0);
    }
  });

  check('bytes belong to whom they were given: changing them changes no blob', async (store) => {
    const mine = Buffer.from('given');
    await store.put('blob', mine);
    mine.fill('x');
    (await need(store.get('blob'))).bytes.fill('y');
    assert.equal((await need(store.get('blob'))).bytes.toString(), 'given');
  });
}

/** The part of the contract about listings. */
export function listing(check: Check, many: number): void {
  check('a listing has the names with the prefix, in the order of their bytes', async (store) => {
    const names = ['a', 'a-b/c', 'a.b', 'a0', 'ab/c/d', 'ab/cd', 'abc', 'b/é', 'b/z', 'c/日本', 'Z', '~'];
    for (const name of names.toReversed()) await store.put(name, Buffer.from(name));
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await namesOf(store.list('')), sorted);
    for (const prefix of ['a', 'a-', 'ab', 'ab/', 'ab/c', 'ab/c/', 'ab/c/d', 'b/', 'b/é', 'nothing', 'ab/c/d/e']) {
      const wanted = sorted.filter((name) => name.startsWith(prefix));
      assert.deepEqual(await namesOf(store.list(prefix)), wanted, prefix);
    }
    const sizes = (await collect(store.list('ab'))).map(({ size }) => size);
    assert.deepEqual(sizes, [6, 5, 3]);
  });

  check(`a listing of ${many} names has each once, and deleting while it is read is safe`, async (store) => {
    const names = Array.from({ length: many }, (_, n) => `run/${n % 7}/${String(n).padStart(5, '0')}`);
    for (let at = 0; at < many; at += 16) {
      await Promise.all(names.slice(at, at + 16).map((name) => store.put(name, Buffer.from(name))));
    }
    const found: string[] = [];
    for await (const { name } of store.list('run/')) {
      found.push(name);
      if (found.length <= 20) await store.delete(name);
    }
    assert.deepEqual(found, names.toSorted());
    assert.equal((await namesOf(store.list('run/'))).length, many - 20);
  });
}
