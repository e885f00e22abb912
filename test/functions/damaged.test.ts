import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { contentOf, fixture, type Content } from '../support/portal/content.ts';
import type { FaultAnswer } from '../support/portal/faults.ts';
import { Organization } from '../support/portal/organization.ts';
import { zipOf } from '../support/portal/zip.ts';

const gdb = { type: 'File Geodatabase', file: 'parcels.gdb.zip' };

/** Each of these must fail the one item with a code, and leave the version that the archive has. */
const damages: [name: string, item: { type: string; file: string }, damage: FaultAnswer | Content, code: string][] = [
  ['breaks off each time', gdb, { cutAfter: 2000 }, 'PORTAL_UNREACHABLE'],
  [
    'is shorter than it says',
    gdb,
    contentOf(fixture('parcels.gdb.zip').bytes().subarray(0, 9000), 'application/zip'),
    'ITEM_DAMAGED',
  ],
  ['has a flipped bit', gdb, contentOf(flipped(fixture('parcels.gdb.zip').bytes()), 'application/zip'), 'ITEM_DAMAGED'],
  [
    'is a geodatabase without tables',
    gdb,
    contentOf(zipOf([['readme.txt', Buffer.from('x')]]), 'application/zip'),
    'ITEM_DAMAGED',
  ],
  ['is an empty zip', gdb, contentOf(zipOf([]), 'application/zip'), 'ITEM_DAMAGED'],
  ['is a web page', gdb, 'html', 'PORTAL_ANSWER'],
  [
    'is an error document',
    gdb,
    { error: { code: 500, message: 'Error getting file' }, type: 'application/zip' },
    'PORTAL_ERROR',
  ],
  ['is empty', gdb, { status: 200, headers: { 'Content-Type': 'application/zip' }, body: '' }, 'ITEM_DAMAGED'],
  ['is no PDF', { type: 'PDF', file: 'flyer.pdf' }, contentOf('hello', 'application/pdf'), 'ITEM_DAMAGED'],
  ['is no image', { type: 'Image', file: 'logo.png' }, contentOf('<svg/>', 'image/png'), 'ITEM_DAMAGED'],
  [
    'is half a JSON document',
    { type: 'Web Map', file: 'web-map.json' },
    contentOf('{"operationalLayers": [', 'text/plain'),
    'ITEM_DAMAGED',
  ],
];

function flipped(bytes: Buffer): Buffer {
  const spoiled = Buffer.from(bytes);
  spoiled[Math.floor(bytes.length / 2)] = (spoiled[Math.floor(bytes.length / 2)] ?? 0) ^ 8;
  return spoiled;
}

for (const [name, item, damage, code] of damages) {
  for (const BACKUP_LFS_THRESHOLD of ['1048576', '1024']) {
    test(`a file that ${name} is ${code} and keeps its last version (threshold ${BACKUP_LFS_THRESHOLD})`, async (t) => {
      const org = new Organization();
      const isJson = item.file.endsWith('.json');
      const content = fixture(item.file);
      const { record } = org.addItem({
        owner: 'backup',
        title: 'Thing',
        type: item.type,
        data: content,
        name: isJson ? null : item.file,
      });
      org.addItem({ owner: 'backup', title: 'Neighbour', type: 'Web Map', json: {} });
      const { portal, run, store } = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD } });
      assert.equal((await run()).outcome, 'complete');
      if (typeof damage === 'object' && 'sha256' in damage) org.replaceData(record.id, damage);
      else {
        org.editItem(record.id, {});
        portal.faults.add({
          match: ({ path, host }) => path.includes(`${record.id}/data`) || host === 'storage',
          times: Infinity,
          answer: damage,
        });
      }
      const { outcome, failures } = await run();
      assert.deepEqual([outcome, failures.map((failure) => failure.code)], ['partial', [code]]);
      assert.ok((failures[0]?.hint.length ?? 0) > 20);
      const archive = await cloneArchive(t, store);
      const { path = '', manifest } = archive.items.get(record.id) ?? {};
      const part = manifest?.parts.find(({ role }) => role === 'data');
      assert.ok((await archive.read(`${path}/${part?.path}`)).equals(content.bytes()));
    });
  }
}
