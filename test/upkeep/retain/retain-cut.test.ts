import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { allLarge, largeName } from '../../../lib/archive/layout.ts';
import { pointer } from '../../../lib/archive/lfs.ts';
import { sha256 } from '../../../lib/archive/sha256.ts';
import { BackupError } from '../../../lib/errors.ts';
import { readHistory } from '../../../lib/history/read-history.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import type { MemoryStore } from '../../../lib/storage/memory.ts';
import { tidyUp } from '../../../lib/upkeep/maintain/maintain.ts';
import { isDamaged } from '../../../lib/upkeep/verify/finding.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { fsck } from '../../support/stores/copies.ts';
import { watched, type Call } from '../../support/stores/counting.ts';
import { day, item, retention, Years } from './years.ts';

/** Cut at every call to the store, and git asked each time, in the long mode; the suite takes a sample, and asks git the first time. */
const isLong = process.env['LONG'] !== undefined;
const every = isLong ? 1 : 103;

/** A month to be thinned out, one whose time is up, and packs that were thinned long ago: all three in one maintenance. */
let years: Years;
/** calls of an undisturbed maintenance */
let most = 0;
/** commits before and after */
let counts: number[] = [];

const tidy = (store: BlobStore) => tidyUp({ ...years.open(store), retention: retention(30) });

before(async () => {
  years = await Years.begin('2025-01-20');
  const night = async (n: number) => {
    const bytes = Buffer.from(`large ${n}`);
    await years.store.put(largeName(sha256(bytes)), bytes);
    const gone = n % 9 === 4 ? item('gone', `${n}`) : n % 9 === 5 ? item('gone', null) : {};
    await years.night({
      ...item('map', `${n}`),
      ...gone,
      [`content/ana/None/PDF/map/f`]: pointer(sha256(bytes), bytes.length),
    });
  };
  for (let n = 0; n < 20; n++) await night(n);
  years.goTo('2025-03-10');
  await tidy(years.store);
  years.goTo('2025-05-25');
  for (let n = 20; n < 24; n++) await night(n);
  years.goTo('2025-06-02');
  await tidy(years.store);
  years.goTo('2025-06-29');
  for (let n = 24; n < 27; n++) await night(n);
  years.goTo('2025-07-20');
  const counted = years.store.snapshot();
  await tidy(watched(counted, (_call, run) => ((most += 1), run())));
  counts = await Promise.all([years.store, counted].map(commitsOf));
  assert.ok(most > 60 && new Set(counts).size === 2, `${most} calls, ${counts.join()} commits`);
});

async function commitsOf(store: MemoryStore): Promise<number> {
  return (await readHistory(years.open(store))).commits.length;
}

type Act = (run: () => Promise<unknown>, call: Call) => Promise<unknown>;

/** Does something at one call; nothing that is younger than 14 days is deleted, but what says itself that it is done. */
function guarded(store: BlobStore, at: number, act: Act): BlobStore {
  let calls = 0;
  return watched(store, async <T>(call: Call, run: () => Promise<T>): Promise<T> => {
    const { verb, name } = call;
    if (verb === 'delete' && !name.startsWith('ago-backup/history/')) {
      const age = years.clock.now() - ((await store.stat(name))?.modified ?? 0);
      assert.ok(age > (name.startsWith(allLarge) ? 90 : 14) * day, `${name} is too young to be deleted`);
    }
    return calls++ === at ? ((await act(run, call)) as T) : run();
  });
}

async function isSound(store: MemoryStore): Promise<boolean> {
  const { findings } = await verify(store, { from: 0, to: 1 });
  // The items of this test have no stamps.
  return !isDamaged(findings.filter(({ what }) => !what.includes('timestamp.txt')));
}

const dead = new BackupError('STORE_UNREACHABLE', 'The process is dead.');
const cuts: [string, Act][] = [
  ['before a call', () => Promise.reject(dead)],
  ['after a call', (run) => run().then(() => Promise.reject(dead))],
  // A body can be read once only, so a stream is never written twice.
  ['by nothing but a call made twice', (run, { verb }) => (verb === 'putStream' ? run() : run().then(run))],
];

for (const [n, [how, act]] of cuts.entries()) {
  test(`thinning out and letting go, cut ${how}, wherever, leave a sound archive that the next maintenance brings to the same end`, async (t) => {
    const undisturbed = years.store.snapshot();
    await tidy(undisturbed);
    const end = async (store: MemoryStore) => ({
      commits: (await readHistory(years.open(store))).commits.map(({ oid }) => oid),
      large: await Array.fromAsync(store.list(allLarge), ({ name }) => name),
    });
    for (let at = (n * every) % 3; at < most; at += every) {
      const store = years.store.snapshot();
      let isDead = false;
      const dying = guarded(store, at, async (run, call) => {
        isDead = act !== cuts[2]?.[1];
        return act(run, call);
      });
      const stopping = watched(dying, (_call, run) => (isDead ? Promise.reject(dead) : run()));
      await tidy(stopping).catch((error: unknown) => assert.equal(error, dead, `call ${at}`));
      assert.ok(counts.includes(await commitsOf(store)), `call ${at}`);
      assert.ok(await isSound(store), `call ${at}`);
      if (isLong || at < every) assert.ok(counts.includes(await fsck(t, store)), `call ${at}`);
      await tidy(guarded(store, -1, (run) => run()));
      assert.ok(await isSound(store), `call ${at}`);
      assert.deepEqual(await end(store), await end(undisturbed), `call ${at}`);
    }
    t.diagnostic(`${Math.ceil(most / every)} of ${most} calls`);
  });
}

test('a run that publishes at any call is not lost, and loses nothing', async () => {
  for (let at = 1; at < most; at += every) {
    const store = years.store.snapshot();
    let late: string | undefined;
    const joined = guarded(store, at, async (run) => {
      const other = new Years(years.clock.now(), () => store);
      // What an item had that was thinned out comes back.
      late = await other.night(item('map', '3'));
      return run();
    });
    await tidy(joined);
    const { repository } = years.open(store);
    const { commits } = await readHistory({ store, repository });
    // It may have got another id since.
    assert.equal(commits[0]?.tree, (await repository.commit(late ?? '')).tree, `call ${at}`);
    assert.ok(await isSound(store), `call ${at}`);
  }
});
