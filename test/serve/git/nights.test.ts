import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { mergePacks } from '../../../lib/upkeep/maintain/merge-packs.ts';
import { sweep } from '../../../lib/upkeep/maintain/sweep.ts';
import { commitNext, countedNames, newArchive, testClock } from '../../archive/archive.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { serveStore } from '../served.ts';

test('a clone of 21 packs fetches what came, after they were merged and again when the old ones are gone', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, clone, partial] = ['backup.git', 'clone', 'partial'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  // Files on disk have the time of this machine.
  const clock = testClock(Date.now());
  const { store, repository } = await newArchive('nights', new DirectoryStore(path, { clock }));
  const night = (n: number) =>
    commitNext(store, repository, { [`content/ana/None/Web Map/M${n % 5}/item.json`]: `{"n":${n}}`, 'a.txt': `${n}` });
  for (let n = 0; n < 21; n++) await night(n);
  const packs = async () => (await store.get('objects/info/packs'))?.bytes.toString().match(/^P /gm)?.length;
  assert.equal(await packs(), 21);
  // One server meets it all: what it remembers of packs must not outlive them.
  const { url } = await serveStore(t, path);
  await git(folder, 'clone', '--quiet', url, clone);
  await git(folder, 'clone', '--quiet', '--filter=blob:none', '--no-checkout', url, partial);
  const check = async () => {
    await git(clone, 'pull', '--quiet', '--ff-only');
    await git(clone, 'fsck', '--strict', '--full');
    const all = ['rev-list', '--objects', '--all'];
    assert.equal(await git(clone, ...all), await git(path, 'rev-list', '--objects', 'main'));
  };
  await check();
  await mergePacks(store, { random: countedNames('merge') });
  assert.ok(((await packs()) ?? 0) < 21);
  await check();
  await night(21);
  await check();
  clock.advance(15 * 86_400_000);
  assert.ok((await sweep(store, { clock, repository, liveIndexes: new Set() })) > 0);
  await night(22);
  await check();
  assert.equal(await git(partial, 'show', 'main:a.txt'), '20');
  await git(partial, 'fetch', '--quiet');
  assert.equal(await git(partial, 'show', 'origin/main:a.txt'), '22');
});
