import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { twoStores } from '../../lib/storage/two-stores.ts';
import { VirtualClock } from '../support/clock.ts';
import { storeContract } from './contract.ts';

const folder = 'staging/x/';
const inMemory = () => new MemoryStore({ clock: new VirtualClock() });

/** Names fall here and there, as by a coin. */
const isScratch = (name: string) => (createHash('sha256').update(name).digest()[0] ?? 0) % 2 === 0;

storeContract(
  'two stores as one',
  () => {
    const store = twoStores(inMemory(), inMemory(), { isScratch, mayHoldScratch: () => true, folder });
    return Promise.resolve({ store, close: () => Promise.resolve() });
  },
  { names: 500 },
);

test('what an older version left in the archive is listed and deleted, and not read', async () => {
  const [archive, scratch] = [inMemory(), inMemory()];
  const store = twoStores(archive, scratch, { isScratch: () => true, mayHoldScratch: () => true, folder });
  await archive.put('a/old', Buffer.from('old'));
  await scratch.put('other/a/new', Buffer.from('of another archive'));
  await store.put('a/new', Buffer.from('new'));
  assert.deepEqual(await Array.fromAsync(store.list('a/'), ({ name }) => name), ['a/new', 'a/old']);
  assert.equal(await store.get('a/old'), undefined);
  await store.delete('a/old');
  assert.deepEqual(await Array.fromAsync(archive.list('')), []);
  assert.deepEqual(await Array.fromAsync(scratch.list(''), ({ name }) => name), ['other/a/new', 'staging/x/a/new']);
});
