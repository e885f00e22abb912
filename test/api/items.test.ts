import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRange } from '../../lib/serve/http/range.ts';
import { largeName } from '../../lib/archive/layout.ts';
import { sha256 } from '../../lib/archive/sha256.ts';
import type { ListedItem } from '../../lib/history/list.ts';
import type { Shown } from '../../lib/history/show.ts';
import { night, unzip } from '../history/lives.ts';
import { newBackup } from '../support/backup.ts';
import { contentOf } from '../support/portal/content.ts';

test('the history answers over HTTP as the command does, and its parts are downloads, whole or in ranges', async (t) => {
  const backup = await newBackup(t, { settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  const { org } = backup.portal;
  const data = Buffer.from(`%PDF-1.4\n${'large '.repeat(1000)}\n%%EOF\n`);
  const { id } = org.addItem({ owner: 'backup', type: 'PDF', title: 'A "b"; c', name: 'rép ort.pdf', data }).record;
  const twin = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Twin', json: { v: 1 }, tags: ['First'] }).record
    .id;
  const { host } = await backup.open();
  const get = (path: string, headers: Record<string, string> = {}) =>
    host.request({ method: 'GET', path: `/api/${path}`, headers });
  const read = async <T>(path: string) => JSON.parse((await get(path)).body) as T;
  assert.equal((await get('items')).status, 503);
  const first = await night(backup);
  org.replaceData(twin, contentOf('{"v":2}', 'application/json'));
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Twin', json: {} });
  org.deleteItem(id);
  await night(backup);

  const list = await read<{ items: { itemId: string }[]; total: number; cursor: null }>('items?state=deleted&q=b');
  assert.deepEqual([list.items.map(({ itemId }) => itemId), list.total, list.cursor], [[id], 1, null]);
  assert.equal((await read<{ total: number }>('items?state=all')).total, 3);
  const { items: tagged } = await read<{ items: ListedItem[] }>('items?state=all&tag=first&tag=no*');
  assert.deepEqual(
    tagged.map(({ itemId, first: { commit } }) => [itemId, commit]),
    [[twin, first]],
  );
  const shown = await read<Shown>(`items/${id}`);
  assert.deepEqual([shown.item.title, shown.version.commit, shown.versions], ['A "b"; c', first, 1]);
  const { versions } = await read<{ versions: { op: string }[] }>(`items/${id}/versions`);
  assert.deepEqual(
    versions.map(({ op }) => op),
    ['removed', 'added'],
  );
  const { changes } = await read<{ changes: { path: string }[] }>(`items/${twin}/diff`);
  assert.ok(changes.some(({ path }) => path === 'v'));

  const part = `items/${id}/versions/${first}/parts/${encodeURIComponent('rép ort.pdf')}`;
  const whole = await get(part);
  assert.deepEqual([whole.status, whole.bytes], [200, data]);
  const { headers } = whole;
  assert.match(headers['content-disposition'] ?? '', /^attachment; filename\*=UTF-8''r%C3%A9p%20ort\.pdf$/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['repr-digest'], `sha-256=:${Buffer.from(sha256(data), 'hex').toString('base64')}:`);
  const piece = await get(part, { range: 'bytes=10-19' });
  assert.deepEqual(
    [piece.status, piece.bytes, piece.headers['content-range']],
    [206, data.subarray(10, 20), `bytes 10-19/${data.length}`],
  );
  assert.equal((await get(part, { range: `bytes=${data.length}-` })).status, 416);
  const zip = await get(`items/${id}/versions/${first}/zip`);
  const files = await unzip(zip.bytes);
  assert.deepEqual([...files].find(([path]) => path.endsWith('rép ort.pdf'))?.[1], data);

  // A living item and one that is no more, the one named twice, each with the bytes that the portal had.
  const two = await get(`zip?item=${id}&item=${twin}&item=${twin.slice(0, 12)}`);
  const both = await unzip(two.bytes);
  assert.match(two.headers['content-disposition'] ?? '', /filename\*=UTF-8''2%20items\.zip$/);
  assert.deepEqual([...both].find(([path]) => path.endsWith('rép ort.pdf'))?.[1], data);
  assert.deepEqual(
    [...both].flatMap(([path, bytes]) => (path.endsWith('data.json') ? [bytes.toString()] : [])),
    ['{"v":2}'],
  );
  const then = await unzip((await get(`zip?item=${twin}&at=${first}`)).bytes);
  assert.ok([...then.values()].some((bytes) => bytes.toString() === '{"v":1}'));
  assert.equal((await read<{ total: number }>('items?state=all&user=nobody&user=backup')).total, 3);

  for (const [path, status, code] of [
    ['zip', 400, 'USAGE'],
    ['zip?item=&item=%20', 400, 'USAGE'],
    [`zip?${Array.from({ length: 201 }, (_, n) => `item=${n}`).join('&')}`, 400, 'USAGE'],
    [`zip?item=${twin}&item=${'0'.repeat(32)}`, 404, 'ITEM_UNKNOWN'],
    [`zip?item=${id}&at=never`, 400, 'USAGE'],
    ['items/Twin', 409, 'ITEM_AMBIGUOUS'],
    ['items/nothing', 404, 'ITEM_UNKNOWN'],
    [`items/${id}?at=2020-01-01`, 404, 'VERSION_UNKNOWN'],
    [`items/${id}/versions/yesterday`, 400, 'USAGE'],
    ['items?state=lost', 400, 'USAGE'],
    ['items?cursor=-1', 400, 'USAGE'],
    [`items/${id}/versions/${first}/parts/..%2F..%2Fbackup.json`, 404, 'ITEM_UNKNOWN'],
    [`items/${id}/versions/${first}/parts/${encodeURIComponent('../x')}`, 404, 'ITEM_UNKNOWN'],
  ] as const) {
    const answer = await get(path);
    assert.equal(answer.status, status, path);
    assert.match(answer.headers['content-type'] ?? '', /problem\+json/);
    assert.equal((JSON.parse(answer.body) as { code: string }).code, code, path);
  }
  await rm(join(backup.store, largeName(sha256(data))));
  assert.deepEqual([(await get(part)).status, (await get(`items/${id}/versions/${first}/zip`)).status], [503, 503]);
});

test('a range of bytes is read as RFC 9110 has it, and what is none is passed over', () => {
  for (const [text, wanted] of [
    ['bytes=0-0', { start: 0, length: 1 }],
    ['bytes=5-', { start: 5, length: 5 }],
    ['bytes=-3', { start: 7, length: 3 }],
    ['bytes=-30', { start: 0, length: 10 }],
    ['bytes=5-100', { start: 5, length: 5 }],
    ['bytes=10-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=5-2', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=1-2', undefined],
  ] as const)
    assert.deepEqual(readRange(text, 10), wanted, text);
});
