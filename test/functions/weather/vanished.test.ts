import assert from 'node:assert/strict';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { pingText } from '../../../lib/backup/report.ts';
import { summary } from '../../../lib/cli/run.ts';
import { BackupError } from '../../../lib/errors.ts';
import { noteIn } from '../../../lib/archive/last-archive.ts';
import { faulty } from '../../support/stores/faulty.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { startAzurite } from '../../support/azurite.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { startHealthchecks } from '../../support/healthchecks.ts';

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test('a first run says that it began a new archive, in record, summary and ping; the next one says nothing of it', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const { run } = await newBackup(t, { settings: { HEALTHCHECKS_PING_URL: checks.url } });
  const first = await run();
  assert.equal(first.newArchive, true);
  assert.match(summary(first).join('\n'), /New archive begun/);
  assert.match(checks.heard.at(-1)?.body ?? '', /New archive begun/);
  const second = await run();
  assert.equal('newArchive' in second, false);
  assert.doesNotMatch(summary(second).join('\n') + pingText(second), /New archive/);
});

test('an archive whose directory was moved away is missed, and nothing is begun in its place', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const { run, open, store } = await newBackup(t, { settings: { HEALTHCHECKS_PING_URL: checks.url } });
  const { commit } = await run();
  await rename(store, `${store}.elsewhere`);
  const { app, host } = await open();
  await host.runTimer('startBackup');
  const { error } = await host.completed('ago-backup');
  assert.match(String(error), /STORE_VANISHED/);
  const heard = checks.heard.at(-1);
  assert.equal(heard?.signal, 'fail');
  assert.match(heard?.body ?? '', new RegExp(`STORE_VANISHED: .*${commit?.slice(0, 10)}.*\nCheck BACKUP_STORE`));
  const checked = (await Array.fromAsync(app.diagnose())).find(({ name }) => name === 'store');
  assert.equal(checked?.failure?.code, 'STORE_VANISHED');
  assert.equal(await isThere(store), false, 'a disk may yet be mounted there');
  await rename(`${store}.elsewhere`, store);
  assert.equal((await run()).outcome, 'complete');
});

test('a disk that is not mounted is missed as well: the state of the account remembers what lay beside the archive', async (t) => {
  const { run, open, store, env } = await newBackup(t);
  const [disk, home] = [join(dirname(store), 'disk'), join(dirname(store), 'home')];
  Object.assign(env, { BACKUP_STORE: `file:${join(disk, 'backup.git')}`, HOME: home });
  await open({});
  assert.equal((await run()).outcome, 'complete');
  await rename(disk, `${disk}.unplugged`);
  await mkdir(disk);
  const { host } = await open();
  await host.runTimer('startBackup');
  assert.match(String((await host.completed('ago-backup')).error), /STORE_VANISHED/);
  assert.deepEqual(await readdir(disk), []);
});

test('who says so begins a new archive, and that one is missed from then on', async (t) => {
  const { run, open, store } = await newBackup(t);
  await run();
  await rm(store, { recursive: true });
  const anew = await run({ newArchive: true });
  assert.deepEqual([anew.outcome, anew.newArchive], ['complete', true]);
  assert.equal((await run()).outcome, 'complete');
  await rm(store, { recursive: true });
  const { host } = await open();
  await host.runTimer('startBackup');
  assert.match(String((await host.completed('ago-backup')).error), /STORE_VANISHED/);
});

test('a container that was deleted is missed, and not made again', async (t) => {
  const azurite = await startAzurite();
  t.after(() => azurite.close());
  const settings = { BACKUP_STORE: azurite.container('backup'), BACKUP_SCRATCH: azurite.container('scratch') };
  const { run, open } = await newBackup(t, { settings });
  assert.equal((await run()).outcome, 'complete');
  const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  const container = new ContainerClient(settings.BACKUP_STORE, new StorageSharedKeyCredential('devstoreaccount1', key));
  await container.delete();
  const { host } = await open();
  await host.runTimer('startBackup');
  assert.match(String((await host.completed('ago-backup')).error), /STORE_VANISHED/);
  assert.equal(await container.exists(), false);
});

test('of several notes one is enough; when none can be read, nothing is begun', async () => {
  const clock = new VirtualClock();
  const places = [new MemoryStore({ clock }), new MemoryStore({ clock })];
  const note = { address: 'file:/a', commit: 'c'.repeat(40), runId: 'r', at: 1 };
  const broken = (store: MemoryStore) => faulty(store, () => new BackupError('STORE_REFUSED', 'No.'));
  const half = noteIn([broken(places[0]!), places[1]!], 'file:/a');
  await half.write(note);
  assert.deepEqual(await half.read(), note);
  assert.equal(await noteIn(places, 'file:/b').read(), undefined, 'of another archive');
  const none = noteIn(places.map(broken), 'file:/a');
  await assert.rejects(none.read(), { code: 'STORE_REFUSED' });
  await assert.rejects(none.write(note), { code: 'STORE_REFUSED' });
  assert.equal(await noteIn([], 'file:/a').read(), undefined);
});

test('a run that cannot note its archive anywhere says so, and is complete', async (t) => {
  const { run } = await newBackup(t, { settings: { BACKUP_SCRATCH: 'file:/dev/null/scratch' } });
  const { outcome, warnings } = await run();
  assert.equal(outcome, 'complete');
  assert.match(warnings.join(), /Nothing outside of the archive says that it is there \(STORE_UNREACHABLE/);
});
