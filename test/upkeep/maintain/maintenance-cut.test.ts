import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BackupError } from '../../../lib/errors.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { tidyUp } from '../../../lib/upkeep/maintain/maintain.ts';
import { watched, type Call } from '../../support/stores/counting.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { fsck } from '../../support/stores/copies.ts';
import { commitNext, countedNames, newArchive, testClock } from '../../archive/archive.ts';

/** Maintenance is cut at, or joined by a run at, every call to the store in the long mode; the suite takes a sample. */
const every = process.env['LONG'] === undefined ? 35 : 1;
const day = 86_400_000;
const clock = testClock();
/** 21 packs of today, and everything that a merge, killed runs and repairs have left long ago */
let base: MemoryStore;
/** calls of an undisturbed maintenance */
let most = 0;

let seeds = 0;
const openParts = (store: BlobStore) => {
  const random = countedNames(`cut ${seeds++}`);
  return { store, clock, random, repository: openRepository(store, { random, clock }) };
};

before(async () => {
  const { store, repository } = await newArchive('cut', new MemoryStore({ clock }));
  const commit = (n: number) => commitNext(store, repository, { [`f${n}`]: `${n}` }, `Commit ${n}`);
  for (let n = 0; n < 21; n++) await commit(n);
  await tidyUp(openParts(store));
  // What a killed run left: a pack that was never listed, with its staging.
  const list = (await store.get('objects/info/packs'))?.bytes ?? Buffer.alloc(0);
  const branch = (await store.get('refs/heads/main'))?.bytes ?? Buffer.alloc(0);
  await commit(99);
  await store.put('objects/info/packs', list);
  await store.put('refs/heads/main', branch);
  for (const name of ['tmp/t', 'runs/dead/staged/i', 'index/dead.json', 'set-aside/HEAD'])
    await store.put(`ago-backup/${name}`, Buffer.from('x'));
  clock.advance(15 * day);
  for (let n = 21; n < 42; n++) await commit(n);
  for (const name of ['tmp/young', 'runs/young/staged/i', 'index/young.json'])
    await store.put(`ago-backup/${name}`, Buffer.from('x'));
  base = store as MemoryStore;
  const counted = base.snapshot();
  await tidyUp(openParts(watched(counted, (_call, run) => ((most += 1), run()))));
  assert.ok(most > 60, `${most} calls`);
});

type Act = (run: () => Promise<unknown>, call: Call) => Promise<unknown>;

/** Does something at one call, and refuses to delete what is younger than the grace period or listed. */
function guarded(store: BlobStore, at: number, act: Act): BlobStore {
  let calls = 0;
  return watched(store, async <T>(call: Call, run: () => Promise<T>): Promise<T> => {
    const { verb, name } = call;
    if (verb === 'delete') {
      const modified = (await store.stat(name))?.modified ?? 0;
      assert.ok(modified < clock.now() - 14 * day, `${name} is too young to be deleted`);
    }
    return calls++ === at ? ((await act(run, call)) as T) : run();
  });
}

async function namesOf(store: BlobStore): Promise<string[]> {
  const names = await Array.fromAsync(store.list(''), ({ name }) => name);
  return names.map((name) => name.replace(/pack-[0-9a-f]{40}/, 'pack').replace(/[0-9a-f]{40}/, 'id')).sort();
}

const dead = new BackupError('STORE_UNREACHABLE', 'The process is dead.');
const cuts: Record<string, Act> = {
  'before a call': () => Promise.reject(dead),
  'after a call': (run) => run().then(() => Promise.reject(dead)),
  // A body can be read once only, so a stream is never written twice.
  'by nothing but a call made twice': (run, { verb }) => (verb === 'putStream' ? run() : run().then(run)),
};

for (const [how, act] of Object.entries(cuts)) {
  test(`maintenance cut ${how}, wherever, leaves a sound archive that the next one tidies up`, async (t) => {
    const undisturbed = base.snapshot();
    await tidyUp(openParts(undisturbed));
    for (let at = 0; at < most; at += every) {
      const store = base.snapshot();
      let isDead = false;
      const dying = guarded(store, at, async (run, call) => {
        isDead = true;
        return act(run, call);
      });
      const stopping = watched(dying, (_call, run) =>
        isDead && act !== cuts['by nothing but a call made twice'] ? Promise.reject(dead) : run(),
      );
      await tidyUp(openParts(stopping)).catch((error: unknown) => assert.equal(error, dead, `call ${at}`));
      assert.equal(await fsck(t, store), 42, `call ${at}`);
      await tidyUp(openParts(guarded(store, -1, (run) => run())));
      assert.equal(await fsck(t, store), 42, `call ${at}`);
      const left = (await namesOf(store)).filter((name) => !/objects\/pack|retired/.test(name));
      assert.deepEqual(
        left,
        (await namesOf(undisturbed)).filter((name) => !/objects\/pack|retired/.test(name)),
        `call ${at}`,
      );
    }
    t.diagnostic(`${Math.ceil(most / every)} of ${most} calls`);
  });
}

test('a run that publishes at any call of a maintenance loses nothing and is not lost', async (t) => {
  for (let at = 0; at < most; at += every) {
    const store = base.snapshot();
    const { repository } = openParts(store);
    const joined = guarded(store, at, async (run) => {
      await commitNext(store, repository, { late: `${at}` }, 'Late');
      return run();
    });
    await tidyUp(openParts(joined));
    assert.equal(await fsck(t, store), 43, `call ${at}`);
  }
});

test('maintenance at any call of a run that publishes loses nothing', async (t) => {
  let calls = 0;
  const counted = base.snapshot();
  const counting = watched(counted, (_call, run) => ((calls += 1), run()));
  await commitNext(counting, openParts(counting).repository, { late: 'x' }, 'Late');
  assert.ok(calls > 10);
  for (let at = 0; at < calls; at += every === 1 ? 1 : 4) {
    const store = base.snapshot();
    const joined = guarded(store, at, async (run) => {
      await tidyUp(openParts(guarded(store, -1, (each) => each())));
      return run();
    });
    await commitNext(joined, openParts(joined).repository, { late: 'x' }, 'Late');
    assert.equal(await fsck(t, store), 43, `call ${at}`);
  }
});
