import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameAsPortal, cloneArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { contentOf, fixture, type Content } from '../../support/portal/content.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import { Organization } from '../../support/portal/organization.ts';
import { zipOf } from '../../support/portal/zip.ts';

const gdb = { type: 'File Geodatabase', file: 'parcels.gdb.zip' };
const failed = { code: 500, message: 'Error getting file' };

/** Each of these must fail the one item with a code, and leave the version that the archive has. */
const damages: [name: string, damage: FaultAnswer, code: string][] = [
  ['breaks off each time', { cutAfter: 2000 }, 'PORTAL_UNREACHABLE'],
  ['is a web page', 'html', 'PORTAL_ANSWER'],
  ['is an error document', { error: failed, type: 'application/zip' }, 'PORTAL_ERROR'],
  ['is empty', { status: 200, headers: { 'Content-Type': 'application/zip' }, body: '' }, 'ITEM_DAMAGED'],
];

const zipped = (bytes: Buffer) => contentOf(bytes, 'application/zip');
const half = fixture('parcels.gdb.zip').bytes().subarray(0, 9000);

/** What a member may upload in place of a good file; where the portal tells no size, it must come twice. */
const odd: [name: string, item: { type: string; file: string }, content: Content][] = [
  ['is half a zip', gdb, zipped(half)],
  ['has a flipped bit', gdb, zipped(flipped(fixture('parcels.gdb.zip').bytes()))],
  ['is a geodatabase without tables', gdb, zipped(zipOf([['readme.txt', Buffer.from('x')]]))],
  ['is an empty zip', gdb, zipped(zipOf([]))],
  ['is no PDF', { type: 'PDF', file: 'flyer.pdf' }, contentOf('hello', 'application/pdf')],
  ['is no image', { type: 'Image', file: 'logo.png' }, contentOf('<svg/>', 'image/png')],
  ['is half JSON', { type: 'Web Map', file: 'web-map.json' }, contentOf('{"operationalLayers": [', 'text/plain')],
];

function flipped(bytes: Buffer): Buffer {
  const spoiled = Buffer.from(bytes);
  spoiled[Math.floor(bytes.length / 2)] = (spoiled[Math.floor(bytes.length / 2)] ?? 0) ^ 8;
  return spoiled;
}

for (const [name, damage, code] of damages) {
  for (const BACKUP_LFS_THRESHOLD of ['1048576', '1024']) {
    test(`a file that ${name} is ${code} and keeps its last version (threshold ${BACKUP_LFS_THRESHOLD})`, async (t) => {
      const org = new Organization();
      const content = fixture(gdb.file);
      const { record } = org.addItem({ owner: 'backup', title: 'Thing', ...gdb });
      org.addItem({ owner: 'backup', title: 'Neighbour', type: 'Web Map', json: {} });
      const { portal, run, store } = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD } });
      assert.equal((await run()).outcome, 'complete');
      org.editItem(record.id, {});
      portal.faults.add({
        match: ({ path, host }) => path.includes(`${record.id}/data`) || host === 'storage',
        times: Infinity,
        answer: damage,
      });
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

for (const [what, size] of [
  ['where their size is that of the record', undefined],
  ['where their size is unknown', -1],
] as const) {
  for (const BACKUP_LFS_THRESHOLD of ['1048576', '1024']) {
    test(`odd files are saved as members uploaded them, with a note, ${what} (threshold ${BACKUP_LFS_THRESHOLD})`, async (t) => {
      const org = new Organization();
      const records = odd.map(([title, { type, file }]) => {
        const name = file.endsWith('.json') ? null : file;
        return org.addItem({ owner: 'backup', title, type, data: fixture(file), name }).record;
      });
      const { portal, run, store } = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD } });
      assert.equal((await run()).outcome, 'complete');
      for (const [n, { id }] of records.entries()) {
        org.replaceData(id, odd[n]?.[2] ?? assert.fail());
        if (size !== undefined) org.quietlyEdit(id, { size });
      }
      assert.deepEqual((await run()).failures, []);
      const archive = await cloneArchive(t, store);
      await assertSameAsPortal(archive, portal);
      for (const { id, title } of records)
        assert.match(JSON.stringify(archive.items.get(id)?.manifest.notes), /Saved as the portal has it/, title ?? '');
      assert.equal((await run({ force: true })).commit, null);
    });
  }
}

const csv = { owner: 'backup', type: 'CSV', title: 'Stations', file: 'stations.csv' };

/** In place of a file, with the length of their own as Content-Length. */
const instead: [name: string, answer: FaultAnswer, code: string][] = [
  ['half of it', 'half', 'ITEM_DAMAGED'],
  ['an error document', { error: failed, type: 'text/plain' }, 'PORTAL_ERROR'],
  [
    'an error document with more in it',
    document(JSON.stringify({ error: failed, help: {} }), 'text/csv'),
    'PORTAL_ERROR',
  ],
  ['a text about an error', document('Internal error. Try again later.', 'text/plain'), 'ITEM_DAMAGED'],
  ['a web page under its name', document('<html>Sorry', 'text/csv', 'stations.csv'), 'PORTAL_ANSWER'],
  ['no byte', document('', 'text/csv'), 'ITEM_DAMAGED'],
];

function document(body: string, type: string, name?: string): FaultAnswer {
  const disposition = name === undefined ? {} : { 'Content-Disposition': `attachment; filename="${name}"` };
  return { status: 200, headers: { 'Content-Type': type, ...disposition }, body };
}

for (const [name, answer, code] of instead) {
  test(`${name} is not saved as a member's CSV, whose record has another size`, async (t) => {
    const org = new Organization();
    const { record } = org.addItem(csv);
    const { portal, run, store } = await newBackup(t, { org });
    await run();
    org.editItem(record.id, {});
    const fault = portal.faults.add({ match: /\/data$/, times: Infinity, answer });
    const { outcome, failures } = await run();
    assert.deepEqual([outcome, failures.map((failure) => failure.code)], ['partial', [code]]);
    fault.remove();
    assert.equal((await run()).outcome, 'complete');
    await assertSameAsPortal(await cloneArchive(t, store), portal);
  });
}

test('a file that was replaced after it was listed is saved, and again the next night', async (t) => {
  const org = new Organization();
  const { record } = org.addItem(csv);
  const { portal, run, store } = await newBackup(t, { org });
  const replace = () => org.replaceData(record.id, contentOf('id,name\n1,a\n', 'text/csv'));
  portal.faults.add({ match: /content\/users\/backup$/, answer: { after: replace } });
  assert.deepEqual((await run()).failures, []);
  assert.equal((await run()).changed, 1);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('a map whose JSON comes without a byte keeps the JSON it had; one whose JSON was taken away loses it', async (t) => {
  const org = new Organization();
  const { record } = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } });
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.editItem(record.id, {});
  const fault = portal.faults.add({ match: /\/data$/, times: Infinity, answer: document('', 'text/plain') });
  assert.deepEqual(
    (await run()).failures.map(({ code }) => code),
    ['ITEM_DAMAGED'],
  );
  fault.remove();
  org.replaceData(record.id, null);
  assert.equal((await run()).outcome, 'complete');
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});
