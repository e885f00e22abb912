import { test } from 'node:test';
import assert from 'node:assert/strict';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { overMemory } from '../../lib/storage/over-memory.ts';
import { StoppedClock } from '../support/clock.ts';

test('what is written, copied and deleted over a store is seen there, and the store stays as it is', async () => {
  const clock = new StoppedClock();
  const below = new MemoryStore({ clock });
  await below.put('a', Buffer.from('1'));
  await below.put('b', Buffer.from('2'));
  const store = overMemory(below, clock);
  const text = async (name: string) => (await store.get(name))?.bytes.toString();
  const names = async () => (await Array.fromAsync(store.list(''))).map(({ name }) => name);
  assert.equal(await store.put('a', Buffer.from('x'), { absent: true }), undefined);
  const etag = (await store.stat('a'))?.etag ?? '';
  assert.ok(await store.put('a', Buffer.from('3'), { etag }));
  assert.equal(await store.put('a', Buffer.from('4'), { etag }), undefined);
  await store.delete('b');
  assert.deepEqual([await text('a'), await text('b'), await names()], ['3', undefined, ['a']]);
  assert.ok(await store.put('b', Buffer.from('5'), { absent: true }));
  assert.equal(await store.copy('a', 'c'), true);
  assert.deepEqual([await text('b'), await text('c'), await names()], ['5', '3', ['a', 'b', 'c']]);
  assert.deepEqual(
    (await Array.fromAsync(below.list(''))).map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal((await below.get('a'))?.bytes.toString(), '1');
});
