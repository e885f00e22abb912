import assert from 'node:assert/strict';
import { collect, namesOf, need, pieces } from './bodies.ts';
import type { Check } from './contract.ts';

const oddNames = [
  'with space/and  two',
  'percent%20and%2Fslash%',
  'hash#question?plus+&=;',
  'quotes\'"`',
  'brackets[x]{y}(z)<w>',
  'ünïcödé/日本語/emoji😀',
  'u\u0308 decomposed',
  '.hidden/..twice/...',
  'colon:star*pipe|tilde~',
];

/** The part of the contract about writing, copying and deleting. */
export function writing(check: Check): void {
  check('names with spaces, signs and any script are kept apart and found again', async (store) => {
    for (const name of oddNames) await store.put(name, Buffer.from(name));
    for (const name of oddNames) {
      assert.equal((await need(store.get(name))).bytes.toString(), name);
      assert.deepEqual(await namesOf(store.list(name)), [name]);
      assert.equal(await store.copy(name, `copy/${name}`), true, name);
      assert.equal((await need(store.get(`copy/${name}`))).bytes.toString(), name);
    }
    assert.equal((await namesOf(store.list(''))).length, 2 * oddNames.length);
    for (const name of oddNames) await store.delete(name);
    assert.equal((await namesOf(store.list(''))).length, oddNames.length);
  });

  check('a name that could leave the store is a defect of the caller, in every call', async (store) => {
    const wrong = [
      '',
      '/',
      '/absolute',
      'a//b',
      'a/',
      '../out',
      'a/../../out',
      'a/..',
      './a',
      'a\\b',
      'a\nb',
      'a\0b',
      '\ud800',
    ];
    for (const name of wrong) {
      const calls: (() => Promise<unknown>)[] = [
        () => store.get(name),
        () => store.stream(name),
        () => store.stat(name),
        () => store.put(name, Buffer.from('x')),
        () => store.putStream(name, pieces(Buffer.from('x'), 1)),
        () => store.copy('fine', name),
        () => store.copy(name, 'fine'),
        () => store.delete(name),
      ];
      for (const call of calls) await assert.rejects(call, TypeError, `${JSON.stringify(name)} ${call.toString()}`);
    }
    for (const prefix of ['/', '../', 'a/../b', 'a//'])
      await assert.rejects(collect(store.list(prefix)), TypeError, prefix);
    assert.deepEqual(await collect(store.list('')), []);
  });

  check('a write replaces the whole blob and changes its ETag', async (store) => {
    const first = await store.put('blob', Buffer.from('long text'));
    const second = await store.put('blob', Buffer.from('short'));
    assert.notEqual(first, second);
    const third = await store.putStream('blob', pieces(Buffer.from('other'), 2));
    assert.notEqual(third.etag, second);
    const { bytes, ...info } = await need(store.get('blob'));
    assert.equal(bytes.toString(), 'other');
    assert.deepEqual(info, third);
  });

  check('a copy is a blob of its own; copying what is not there says so and writes nothing', async (store) => {
    await store.put('from', Buffer.from('content'));
    await store.put('to', Buffer.from('old'));
    assert.equal(await store.copy('from', 'to'), true);
    await store.delete('from');
    assert.equal((await need(store.get('to'))).bytes.toString(), 'content');
    assert.equal(await store.copy('from', 'to'), false);
    assert.equal(await store.copy('from', 'new'), false);
    assert.deepEqual(await namesOf(store.list('')), ['to']);
  });

  check('deleting twice is success, and the name can be used again', async (store) => {
    await store.put('folder/blob', Buffer.from('x'));
    await store.delete('folder/blob');
    await store.delete('folder/blob');
    await store.delete('never/was/there');
    assert.equal(await store.stat('folder/blob'), undefined);
    assert.notEqual(await store.put('folder/blob', Buffer.from('y'), { absent: true }), undefined);
  });

  check('with an ETag only the very blob that has it is deleted', async (store) => {
    const old = await store.put('blob', Buffer.from('x'));
    await store.put('blob', Buffer.from('y'));
    await store.delete('blob', old);
    const now = await need(store.get('blob'));
    assert.equal(now.bytes.toString(), 'y');
    await store.delete('blob', now.etag);
    await store.delete('blob', now.etag);
    assert.equal(await store.stat('blob'), undefined);
    await store.put('blob', Buffer.from('z'));
    const [listed] = await Array.fromAsync(store.list('blob'));
    await store.delete('blob', listed?.etag ?? 'none');
    assert.equal(await store.stat('blob'), undefined, 'an ETag of a listing');
  });

  check('creating the store twice keeps what is in it', async (store) => {
    await store.put('blob', Buffer.from('x'));
    await store.create();
    assert.equal((await need(store.get('blob'))).bytes.toString(), 'x');
  });
}

/** The part of the contract about conditional writes. */
export function conditions(check: Check): void {
  check('put-if-absent writes only where nothing is', async (store) => {
    assert.notEqual(await store.put('blob', Buffer.from('first'), { absent: true }), undefined);
    assert.equal(await store.put('blob', Buffer.from('second'), { absent: true }), undefined);
    assert.equal(
      await store.put('blob', Buffer.from('first'), { absent: true }),
      undefined,
      'also with the same bytes',
    );
    assert.equal((await need(store.get('blob'))).bytes.toString(), 'first');
  });

  check('put-if-unchanged takes the ETag of any call, and only the latest', async (store) => {
    const first = await need(store.put('blob', Buffer.from('1')));
    const second = await need(store.put('blob', Buffer.from('2'), { etag: first }));
    assert.equal(await store.put('blob', Buffer.from('lost'), { etag: first }), undefined);
    assert.equal((await need(store.get('blob'))).bytes.toString(), '2');
    assert.notEqual(await store.put('blob', Buffer.from('3'), { etag: second }), undefined);
    const etags = [
      async () => (await need(store.get('blob'))).etag,
      async () => (await need(store.get('blob', { start: 0, length: 1 }))).etag,
      async () => (await need(store.stat('blob'))).etag,
      async () => (await collect(store.list('blob')))[0]?.etag ?? '',
      async () => (await store.putStream('blob', pieces(Buffer.from('streamed'), 3))).etag,
    ];
    for (const [n, etag] of etags.entries()) {
      assert.notEqual(
        await store.put('blob', Buffer.from(`n${n}`), { etag: await etag() }),
        undefined,
        etag.toString(),
      );
    }
  });

  check('put-if-unchanged never makes a blob that is gone', async (store) => {
    const etag = await need(store.put('blob', Buffer.from('1')));
    await store.delete('blob');
    assert.equal(await store.put('blob', Buffer.from('2'), { etag }), undefined);
    assert.equal(await store.stat('blob'), undefined);
  });

  check('of many who create at the same time, exactly one wins, and its bytes stay', async (store) => {
    const writes = Array.from({ length: 12 }, (_, n) =>
      store.put('refs/heads/main', Buffer.from(`w${n}`), { absent: true }),
    );
    const etags = await Promise.all(writes);
    const winners = etags.flatMap((etag, n) => (etag === undefined ? [] : [`w${n}`]));
    assert.deepEqual([(await need(store.get('refs/heads/main'))).bytes.toString()], winners);
  });

  check('of many who change the same version, exactly one wins, and its bytes stay', async (store) => {
    const etag = await need(store.put('info/packs', Buffer.from('start')));
    const writes = Array.from({ length: 12 }, (_, n) => store.put('info/packs', Buffer.from(`w${n}`), { etag }));
    const etags = await Promise.all(writes);
    const winners = etags.flatMap((found, n) => (found === undefined ? [] : [`w${n}`]));
    assert.deepEqual([(await need(store.get('info/packs'))).bytes.toString()], winners);
  });
}
