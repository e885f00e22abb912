import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { isScratch } from '../../lib/archive/layout.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { assertSameAsPortal, readArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { Organization } from '../support/portal/organization.ts';
import { counting, watched } from '../support/stores/counting.ts';

test('with a scratch store the archive only ever receives what is meant to stay', async (t) => {
  const clock = new VirtualClock();
  const org = new Organization();
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } });
  const roads = org.addItem({ owner: 'backup', type: 'Shapefile', title: 'Roads', file: 'roads.zip' }).record.id;
  const parcels = org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] }).record.id;
  const archive = new MemoryStore({ clock });
  const scratch = new MemoryStore({ clock });
  const counted = counting(archive);
  const backup = await newBackup(t, {
    org,
    store: counted.store,
    scratch,
    settings: { BACKUP_LFS_THRESHOLD: '1024' },
  });
  for (const night of ['first', 'second']) {
    assert.equal((await backup.run()).outcome, 'complete', night);
    await assertSameAsPortal(await readArchive(archive), backup.portal);
    const written = counted.requests.log.filter(
      ({ verb }) => verb === 'put' || verb === 'putStream' || verb === 'copy',
    );
    assert.deepEqual(written.flatMap(({ name, to }) => [to ?? name]).filter(isScratch), []);
    const names = await Array.fromAsync(scratch.list(''), ({ name }) => name);
    assert.ok(
      names.every((name) => /^staging\/[0-9a-f]{16}\/ago-backup\//.test(name)),
      names.join(),
    );
    org.editRows(parcels, 0);
    org.editItem(roads, { snippet: night });
  }
});

for (const which of ['archive', 'scratch'] as const) {
  test(`doctor finds out that the ${which} may not be written, although the other store may`, async (t) => {
    const clock = new VirtualClock();
    const org = new Organization();
    org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } });
    const stores = { archive: new MemoryStore({ clock }), scratch: new MemoryStore({ clock }) };
    const { run } = await newBackup(t, { org, store: stores.archive, scratch: stores.scratch });
    await run();
    const refuse = () => Promise.reject(new BackupError('STORE_REFUSED', 'It refused the request.'));
    const spoiled = {
      ...stores,
      [which]: watched(stores[which], ({ verb }, call) => (verb === 'put' ? refuse() : call())),
    };
    const other = await newBackup(t, { org, store: spoiled.archive, scratch: spoiled.scratch });
    const { app } = await other.open();
    const checks = await Array.fromAsync(app.diagnose());
    assert.equal(checks.find(({ name }) => name === 'store')?.failure?.code, 'STORE_REFUSED');
  });
}
