import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { replaceApp } from '../../../lib/app.ts';
import type { RunRecord } from '../../../lib/backup/run.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { watched } from '../../support/stores/counting.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { assertSameAsPortal, cloneArchive } from '../../support/archive.ts';
import { command } from '../../support/command.ts';
import { aroundInvocations } from '../../support/invocations.ts';
import { Nights, type Opened } from '../../support/nights.ts';
import { Organization } from '../../support/portal/organization.ts';
import { startPortal } from '../../support/portal/portal.ts';

let nights: Nights;
before(async () => {
  nights = await Nights.open();
});
after(() => nights.portal.close());

const post = { method: 'POST', path: '/api/backups', headers: {}, body: '{}' };

test('of two requests and a timer at one moment one starts the run, and the others are led to it', async (t) => {
  const store = nights.base.snapshot();
  const opened = await nights.open(store);
  t.after(() => opened.host.close());
  const { host, app } = opened;
  const [one, two] = await Promise.all([host.request(post), host.request(post), host.runTimer('startBackup')]);
  const location = one.headers['location'] ?? '';
  assert.equal(two.headers['location'], location);
  // The timer may have been the first of the three.
  assert.ok([one.status, two.status].filter((status) => status === 202).length <= 1);
  nights.assertComplete(await nights.end(opened, location.slice('/api/backups/'.length)));
  const records = await Array.fromAsync(app.deps.store.list('ago-backup/runs/'), ({ name }) => name);
  assert.equal(records.filter((name) => name.endsWith('.json')).length, 2, 'a record for each night');
  await nights.assertUndisturbed(t, store);
});

/**
 * Two workers of one host, whose Durable has lost the first run: each with its own caches; activities go to the worker whose
 * run they belong to.
 */
async function twoWorkers(t: TestContext, meet: string | Promise<void>, around = (store: BlobStore) => store) {
  const store = nights.base.snapshot();
  const runs = new Map<string, Opened>();
  const met = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  const remove = await aroundInvocations(async ({ name, kind, input }, execute) => {
    if (kind !== 'activity') return execute();
    const { runId } = input as { runId: string };
    if (name === meet && runs.size < 2) {
      met.resolve();
      await goesOn.promise;
    }
    const worker = runs.get(runId) ?? assert.fail(`nobody started ${runId}`);
    replaceApp(worker.app);
    return execute();
  });
  t.after(remove);
  const start = async () => {
    const worker = await nights.open(around(store));
    t.after(() => worker.host.close());
    const answer = await worker.host.request(post);
    const { runId } = JSON.parse(answer.body) as { runId: string };
    runs.set(runId, worker);
    return { worker, runId };
  };
  const first = await start();
  await (typeof meet === 'string' ? met.promise : meet);
  const second = await start();
  goesOn.resolve();
  const nightOf = ({ worker, runId }: typeof first) => nights.end(worker, runId);
  const ends = await Promise.all([nightOf(first), nightOf(second)]);
  remove();
  return { store, ends };
}

for (const meet of ['beginRun', 'saveItems', 'pollExport', 'finishBackup']) {
  test(`of a run that lost its place at ${meet}, and the one that took it, one makes the commit`, async (t) => {
    const { store, ends } = await twoWorkers(t, meet);
    const good = ends.filter(({ record }) => record?.outcome === 'complete');
    const codes = ends.flatMap(({ record }) => record?.error?.code ?? []);
    t.diagnostic(codes.join());
    assert.equal(good.length + codes.length, 2);
    const { commit } = await nights.head(store);
    for (const { record } of good) assert.equal(record?.commit ?? commit, commit, 'a commit was lost');
    assert.ok(codes.every((code) => code === 'RUN_DEAD' || code === 'BRANCH_MOVED'));
    await nights.assertUndisturbed(t, store);
    const { record } = await nights.night(store);
    assert.deepEqual([record?.outcome, record?.commit], ['complete', null], 'nothing was lost');
    await nights.assertUndisturbed(t, store);
  });
}

test('of a run whose place was taken when it was at the branch, and the one that took it, one moves the branch', async (t) => {
  const one = Promise.withResolvers<void>();
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const { store, ends } = await twoWorkers(t, one.promise, (inner) =>
    watched(inner, async ({ verb, name }, run) => {
      if (verb !== 'put' || name !== 'refs/heads/main') return run();
      arrived += 1;
      (arrived === 1 ? one : both).resolve();
      await both.promise;
      return run();
    }),
  );
  const codes = ends.map(({ record }) => record?.error?.code ?? record?.outcome);
  assert.equal(codes[0], 'RUN_DEAD');
  assert.ok(codes[1] === 'BRANCH_MOVED' || codes[1] === 'complete', codes.join());
  await nights.assertUndisturbed(t, store);
  const { record } = await nights.night(store);
  assert.deepEqual([record?.outcome, record?.commit], ['complete', null], 'nothing was lost');
});

test('two processes that start together on a directory that is not there yet make one archive with one commit', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 3; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } });
  org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const portal = await startPortal({ org });
  t.after(() => portal.close());
  const cwd = await temporaryFolder(t);
  const env = { ...portal.env, BACKUP_LFS_THRESHOLD: '1024' };
  const run = async () => JSON.parse((await command(['run', '--json'], env, cwd)).stdout) as RunRecord;
  const ends = await Promise.all([run(), run()]);
  for (const { outcome, error } of ends)
    assert.ok(outcome === 'complete' || error?.code === 'RUN_ACTIVE', error?.message);
  assert.ok(ends.some(({ outcome }) => outcome === 'complete'));
  t.diagnostic(ends.map(({ outcome, error }) => error?.code ?? outcome).join());
  const { commit } = await run();
  assert.equal(commit, null, 'nothing was lost');
  const store = join(cwd, 'backup.git');
  const archive = await cloneArchive(t, store);
  assert.equal(archive.log.length, 1);
  await assertSameAsPortal(archive, portal);
  assert.equal((await git(store, 'count-objects', '-v')).includes('garbage: 0'), true);
  assert.deepEqual(portal.writes(), []);
});
