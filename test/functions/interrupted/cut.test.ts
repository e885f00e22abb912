import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { startLocalHost } from '../../../lib/cli/local-host.ts';
import { BackupError } from '../../../lib/errors.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { tidyUp } from '../../../lib/upkeep/maintain/maintain.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { watched } from '../../support/stores/counting.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import type { Finding } from '../../../lib/upkeep/verify/finding.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { VirtualClock } from '../../support/clock.ts';
import { Organization } from '../../support/portal/organization.ts';
import { startPortal, type SimulatedPortal } from '../../support/portal/portal.ts';
import { listedPacks } from '../../support/spoil.ts';
import { fsck } from '../../support/stores/copies.ts';

/**
 * A run is cut at every single call to the store and to the portal: before it, after it took effect, or with the call made
 * twice. `npm run test:long` takes every call, the suite a sample.
 */
const isLong = process.env['LONG'] !== undefined;
const every = isLong ? { store: 1, portal: 1 } : { store: 14, portal: 6 };

type Cut = 'before' | 'after' | 'twice';

let portal: SimulatedPortal;
let base: MemoryStore;
let clock: VirtualClock;
/** what an uncut run makes of it */
let wanted: { tree: string; commits: number; storeCalls: number; portalCalls: number };

/** A run over this store; the count of its calls. With a cut, everything after it fails, as for a process that is dead. */
async function run(store: BlobStore, cut?: { of: 'store' | 'portal'; at: number; how: Cut }) {
  const calls = { store: 0, portal: 0 };
  let isDead = false;
  const around = async <T>(of: 'store' | 'portal', call: () => Promise<T>, onlyOnce = false): Promise<T> => {
    if (isDead) throw new BackupError('STORE_UNREACHABLE', 'The process is dead.');
    const isHere = cut?.of === of && calls[of] === cut.at;
    calls[of] += 1;
    if (!isHere) return call();
    if (cut.how === 'twice') {
      if (!onlyOnce) await call();
      return call();
    }
    if (cut.how === 'after') await call();
    isDead = true;
    throw new BackupError('STORE_UNREACHABLE', 'The process is dead.');
  };
  const fetchOnce: typeof fetch = (...request) => around('portal', () => fetch(...request));
  const { host, app } = await startLocalHost({ ...portal.env, BACKUP_STORE: 'file:./nowhere' }, () => undefined, {
    // A body can be read once only, so a stream is never written twice.
    store: watched(store, ({ verb }, call) => around('store', call, verb === 'putStream')),
    fetch: fetchOnce,
    clock,
  });
  try {
    await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
    const { status } = await host.completed('ago-backup');
    return { calls, status, app };
  } finally {
    await host.close();
  }
}

async function headOf(store: BlobStore) {
  const head = await openRepository(store, { random: () => '0'.repeat(40), clock }).head();
  return head ?? assert.fail('the repository lost its branch');
}

before(async () => {
  clock = new VirtualClock();
  const org = new Organization();
  org.addMember('ana');
  for (let n = 0; n < 3; n++) org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n } });
  const gone = org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
  const layer = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] }).record.id;
  portal = await startPortal({ org, clock });
  base = new MemoryStore({ clock });
  assert.equal((await run(base)).status, 'Completed');
  org.deleteItem(gone);
  org.editRows(layer, 0);
  org.addItem({ owner: 'ana', type: 'Shapefile', title: 'Roads', file: 'roads.zip' });
  const uncut = base.snapshot();
  const { calls } = await run(uncut);
  wanted = { tree: (await headOf(uncut)).tree, commits: 2, storeCalls: calls.store, portalCalls: calls.portal };
});

after(() => portal.close());

const isDamage = ({ kind }: Finding) => kind === 'damage';

/** What nothing needs is swept once it is old: staging of dead runs, packs that were never listed, what was being written. */
async function assertSwept(store: MemoryStore): Promise<void> {
  const later = { now: () => clock.now() + 15 * 86_400_000, sleep: () => Promise.resolve() };
  const random = () => 'f'.repeat(40);
  await tidyUp({ store, random, repository: openRepository(store, { random, clock }), clock: later });
  const packs = await listedPacks(store);
  const left = await Array.fromAsync(store.list(''), ({ name }) => name);
  assert.deepEqual(
    left.filter((name) => /^ago-backup\/(runs\/.*\/|tmp\/)/.test(name)),
    [],
  );
  assert.equal(left.filter((name) => name.startsWith('objects/pack/')).length, 2 * packs.length);
  assert.deepEqual((await verify(store, { from: 0, to: 1 })).findings, []);
}

for (const side of ['store', 'portal'] as const) {
  for (const how of ['before', 'after', 'twice'] as const) {
    test(`a run cut ${how} a call to the ${side}, wherever, leaves an archive that clones and that the next run completes`, async (t) => {
      const most = side === 'store' ? wanted.storeCalls : wanted.portalCalls;
      assert.ok(most > 30);
      const old = await headOf(base);
      for (let at = 0; at < most; at += every[side]) {
        const store = base.snapshot();
        await run(store, { of: side, at, how });
        const cut = await headOf(store);
        assert.ok(
          cut.commit === old.commit || cut.tree === wanted.tree,
          `call ${at}: the branch is neither old nor new`,
        );
        if (isLong || at % (every[side] * 5) === 0) await fsck(t, store);
        assert.deepEqual((await verify(store, { from: 0, to: 1 })).findings.filter(isDamage), [], `call ${at}`);
        const { status } = await run(store);
        assert.equal(status, 'Completed', `call ${at}`);
        assert.equal((await headOf(store)).tree, wanted.tree, `call ${at}: another tree than without a cut`);
        assert.equal(await fsck(t, store), wanted.commits, `call ${at}: one commit for one change`);
        await assertSwept(store);
        assert.deepEqual(portal.leftovers(), [], `call ${at}: an export is left`);
        assert.deepEqual(portal.writes(), []);
      }
      t.diagnostic(`${Math.ceil(most / every[side])} of ${most} calls`);
    });
  }
}
