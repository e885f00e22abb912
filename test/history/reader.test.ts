import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { allHistory } from '../../lib/archive/layout.ts';
import { systemClock } from '../../lib/clock.ts';
import type { TakenItem } from '../../lib/history/get/take-out.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { openStore } from '../../lib/storage/open.ts';
import { temporaryFolder } from '../git/stock-git.ts';
import { startProxy } from '../storage/azure/proxy.ts';
import { startAzurite } from '../support/azurite.ts';
import { newBackup } from '../support/backup.ts';
import { command } from '../support/command.ts';
import { contentOf } from '../support/portal/content.ts';
import { night } from './lives.ts';

test('who may only read the container needs nothing else for log, ls, show, diff and get, nor where the history index is missing', async (t) => {
  const backup = await newBackup(t, { settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  const { org } = backup.portal;
  const large = Buffer.from(`%PDF-1.4\n${'page '.repeat(2000)}\n%%EOF\n`);
  const { id } = org.addItem({ owner: 'backup', type: 'PDF', title: 'Report', name: 'a.pdf', data: large }).record;
  const map = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { v: 1 } }).record.id;
  await night(backup);
  org.replaceData(map, contentOf('{"v":2}', 'application/json'));
  await night(backup);

  const azurite = await startAzurite();
  const proxy = await startProxy(new URL(azurite.url).origin);
  t.after(() => Promise.all([proxy.close(), azurite.close()]));
  const address = azurite.container('archive');
  const container = openStore(address, { clock: systemClock });
  await container.create();
  await copyAll(new DirectoryStore(backup.store, { clock: systemClock }), container);
  proxy.refuseWrites();
  const store = proxy.url + new URL(address).pathname;
  const reader = openStore(store, { clock: systemClock });
  // The refusal is real: this is what a write would meet.
  await assert.rejects(reader.put('x', Buffer.from('x')), { code: 'STORE_REFUSED' });
  assert.equal(proxy.refused.length, 1);

  const cwd = await temporaryFolder(t);
  const before = await listing(container);
  const ask = async (...args: string[]) => {
    const { status, stdout, stderr } = await command([...args, '--store', store], {}, cwd);
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const take = async (to: string) => {
    const { items } = JSON.parse(await ask('get', id, '--to', to, '--json')) as { items: TakenItem[] };
    const report = items[0]?.files.find(({ path }) => path.endsWith('a.pdf'));
    assert.deepEqual(await readFile(join(cwd, to, report?.path ?? '')), large);
  };
  assert.match(await ask('log', map), / changed .*\n.* added /);
  assert.match(await ask('ls', 'rep'), /Report/);
  assert.match(await ask('show', map), /data\.json/);
  assert.match(await ask('diff', map), /v: 1 → 2/);
  await take('indexed');
  assert.deepEqual(await listing(container), before);
  const segments = before.filter((line) => line.startsWith(allHistory));
  assert.ok(segments.length > 0);
  for (const line of segments) await container.delete(line.split(' ')[0] ?? '');
  await take('read');
  assert.deepEqual(
    await listing(container),
    before.filter((line) => !segments.includes(line)),
  );
  assert.equal(proxy.refused.length, 1, proxy.refused.join('\n'));
});

async function copyAll(from: BlobStore, to: BlobStore): Promise<void> {
  for await (const { name } of from.list('')) {
    const blob = await from.get(name);
    if (blob !== undefined) await to.put(name, blob.bytes);
  }
}

/** Every blob with its ETag, which any write would move. */
async function listing(store: BlobStore): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of store.list('')) lines.push(`${name} ${(await store.stat(name))?.etag}`);
  return lines.sort();
}
