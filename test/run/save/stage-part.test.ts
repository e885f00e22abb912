import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stagePart, withRoom, type ItemDeps } from '../../../lib/run/save/stage-part.ts';
import type { Deps } from '../../../lib/run/deps.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { VirtualClock } from '../../support/clock.ts';

function parts(): ItemDeps {
  const store = new MemoryStore({ clock: new VirtualClock() });
  return withRoom({ store, rules: { lfsThreshold: 1000 }, random: () => 'a'.repeat(40) } as unknown as Deps);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous by its type
async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(500);
}

test('a body that does not end is given up, and nothing of it stays in the store', async () => {
  const own = parts();
  await assert.rejects(
    stagePart(own, 'data', { body: endless(), most: 100_000 }, () => 'x.csv'),
    { code: 'ITEM_DAMAGED' },
  );
  assert.deepEqual(await Array.fromAsync(own.store.list('')), []);
});

test('a part of the threshold stays in git, one byte more becomes a Git LFS object', async () => {
  for (const [size, lfs] of [
    [1000, false],
    [1001, true],
  ] as const) {
    const { part } = await stagePart(
      parts(),
      'data',
      {
        body: (async function* () {
          yield await Promise.resolve(Buffer.alloc(size));
        })(),
      },
      () => 'x.csv',
    );
    assert.deepEqual([part.size, part.lfs], [size, lfs]);
  }
});

const bytes = (size: number) =>
  (async function* () {
    yield await Promise.resolve(Buffer.alloc(size));
  })();

test('small parts fill the memory only so far; what comes then goes to the store, whatever its size', async () => {
  const own = parts();
  const taken = [];
  for (let n = 0; n < 35_000; n++)
    taken.push((await stagePart(own, 'resource', { body: bytes(1000) }, () => `${n}`)).part);
  const inMemory = taken.filter(({ lfs }) => !lfs);
  assert.equal(inMemory.length, Math.floor((32 * 1024 * 1024) / 1000));
  assert.ok(taken.slice(inMemory.length + 1).every(({ lfs }) => lfs));
  assert.equal((await stagePart(own, 'resource', { body: bytes(0) }, () => 'empty')).part.lfs, false);
});

test('a body of another length than was said is truncated', async () => {
  for (const size of [10, 5000]) {
    const body = (async function* () {
      yield await Promise.resolve(Buffer.alloc(size));
    })();
    await assert.rejects(
      stagePart(parts(), 'data', { body, size: size + 1 }, () => 'x.csv'),
      { code: 'ITEM_TRUNCATED' },
    );
  }
});
