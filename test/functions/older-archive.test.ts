import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '../../lib/clock.ts';
import { openStore } from '../../lib/storage/open.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { git } from '../git/stock-git.ts';
import { cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { demoOrganization } from '../support/demo-organization.ts';

/**
 * An archive that version 0.1 made of the demo's organization: two commits, large files, run records, derived indexes.
 * Name of a blob -> its bytes in base64, as JSON, gzipped. Files of a store never change their meaning, so it stays as it is.
 */
const stored = new URL('../fixtures/archive-0.1.json.gz', import.meta.url);
/** The evening of the day on which it was made. */
const evening = Date.UTC(2026, 10, 24, 20);

async function olderArchive(t: TestContext) {
  const settings = { BACKUP_LFS_THRESHOLD: '4096' };
  const backup = await newBackup(t, { org: demoOrganization(), settings, clock: new VirtualClock(evening) });
  const files = JSON.parse(gunzipSync(await readFile(stored)).toString()) as Record<string, string>;
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(backup.store, name)), { recursive: true });
    await writeFile(join(backup.store, name), Buffer.from(bytes, 'base64'));
  }
  return backup;
}

test('an archive of version 0.1 is found sound, and continued without fetching anything again', async (t) => {
  const backup = await olderArchive(t);
  const store = openStore(`file:${backup.store}`, { clock: systemClock });
  const { findings, items } = await verify(store, { from: 0, to: 1 });
  assert.deepEqual(findings, []);
  const first = await backup.run();
  // The records of services hold the address of the simulated portal, whose port is another one each time.
  const services = [...backup.portal.org.items.values()].filter(({ service }) => service !== null);
  assert.deepEqual(
    [first.outcome, first.changed, first.unchanged],
    ['complete', services.length, items - services.length],
  );
  assert.deepEqual(
    backup.portal.log.filter(({ path }) => path.endsWith('/export')),
    [],
  );
  const paths = (await git(backup.store, 'diff', '--name-only', 'main~1', 'main')).trim().split('\n');
  for (const path of paths) assert.match(path, /\/(Feature|Map) Service\/[^/]+\/(backup|item|layers)\.json$/);
  assert.equal((await backup.run()).commit, null);
  assert.equal((await cloneArchive(t, backup.store)).log.length, 3);

  // Also what is fetched again, every part of it, is not written again because backup.json has another format now.
  assert.equal((await backup.run({ force: true })).outcome, 'complete');
  const again = (await git(backup.store, 'diff', '--name-only', 'main~1', 'main')).trim().split('\n');
  assert.deepEqual(
    again.filter((path) => !path.includes('/Feature Service/')),
    [],
  );
  const { items: held } = await cloneArchive(t, backup.store);
  const [[id] = assert.fail()] = [...held].filter(([, { manifest }]) => manifest.format === 1);
  backup.portal.org.editItem(id, { snippet: 'new' });
  assert.equal((await backup.run()).changed, 1);
  const after = (await cloneArchive(t, backup.store)).items;
  const formats = (format: number) => [...after.values()].filter(({ manifest }) => manifest.format === format).length;
  assert.deepEqual([formats(1.1), formats(1)], [services.length + 1, items - services.length - 1]);
});
