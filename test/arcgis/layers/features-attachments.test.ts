import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLayer, filesOf } from '../../support/feature-files.ts';
import { bytesOf, portalPair } from '../../support/open-portal.ts';
import { contentOf } from '../../support/portal/content.ts';
import type { Service } from '../../support/portal/words.ts';
import { largeZip } from '../../support/portal/zip.ts';

/** Gives rows of the first layer so many attachments each; their paths in order. */
function attach(service: Service | null, counts: Record<number, number>): string[] {
  return Object.entries(counts).flatMap(([row, count]) => {
    const held = service?.layers[0]?.rows.find(({ id }) => id === Number(row)) ?? assert.fail(row);
    for (let id = count; id > 0; id--) held.attachments.push({ id, name: 'a.jpg', content: contentOf(`${row}.${id}`) });
    return Array.from({ length: count }, (_, n) => `features/attachments/0/${row}/${n + 1} a.jpg`);
  });
}

const index = 'features/attachments/0/index.jsonl';

test('attachments come with their rows, small and large, under names that stay in their folder', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] });
  const large = largeZip(300_000);
  service?.layers[0]?.rows[1]?.attachments.push(
    { id: 7, name: '../../photo.jpg', content: contentOf('jpeg') },
    { id: 3, name: 'big.zip', content: large },
  );
  const files = await filesOf(portal, record.id);
  assert.deepEqual([...files.keys()].slice(1), [
    'features/attachments/0/2/3 big.zip',
    'features/attachments/0/2/7 -..-photo.jpg',
    index,
  ]);
  assert.ok(files.get('features/attachments/0/2/3 big.zip')?.equals(large.bytes()));
});

test('attachments that one answer does not hold all come, also those of a single row', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'], rows: 9 });
  const paths = attach(service, { 1: 1, 2: 2, 4: 7, 9: 3 });
  const files = await filesOf(portal, record.id);
  assert.deepEqual([...files.keys()].slice(1), [...paths, index]);
  assert.equal(files.get('features/attachments/0/4/6 a.jpg')?.toString(), '4.6');
});

test('a server that cannot query attachments is asked row by row', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] });
  const paths = attach(service, { 2: 1, 5: 2 });
  describeLayer(sim, { advancedQueryCapabilities: { supportsQueryAttachments: false } });
  const refusal = { error: { code: 400, message: 'Invalid URL' } };
  sim.faults.add({ match: /queryAttachments$/, times: Infinity, answer: refusal });
  assert.deepEqual([...(await filesOf(portal, record.id)).keys()].slice(1), [...paths, index]);
});

test('an attachment that is empty is kept; one that should have bytes and has none fails the reading', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] });
  service?.layers[0]?.rows[0]?.attachments.push({ id: 1, name: 'none.txt', content: contentOf('') });
  const files = await filesOf(portal, record.id);
  assert.equal(files.get('features/attachments/0/1/1 none.txt')?.length, 0);
  attach(service, { 2: 1 });
  sim.faults.add({ match: /\/2\/attachments\/1$/, times: Infinity, answer: { status: 200, body: '' } });
  await assert.rejects(filesOf(portal, record.id), { code: 'ITEM_TRUNCATED' });
});

test('an error of the portal does not become an attachment', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] });
  attach(service, { 2: 1 });
  const answer = { error: { code: 400, message: 'Attachment not found.' }, type: 'image/jpeg' };
  sim.faults.add({ match: /\/2\/attachments\/1$/, times: Infinity, answer });
  await assert.rejects(filesOf(portal, record.id), { code: 'PORTAL_ERROR' });
});

for (const canQuery of [true, false]) {
  test(`an index holds what the service says of each attachment, asked ${canQuery ? 'together' : 'row by row'}`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] });
    const more = { content: contentOf('jpeg', 'image/jpeg'), keywords: 'bark, wound', exifInfo: [{ name: 'EXIF' }] };
    service?.layers[0]?.rows[1]?.attachments.push({ id: 7, name: 'a/b.jpg', ...more });
    describeLayer(sim, { advancedQueryCapabilities: { supportsQueryAttachments: canQuery } });
    const text = (await filesOf(portal, record.id)).get(index)?.toString() ?? '';
    const { globalId, parentGlobalId = null, ...said } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(said, {
      id: 7,
      parentObjectId: 2,
      name: 'a/b.jpg',
      path: 'features/attachments/0/2/7 a-b.jpg',
      contentType: 'image/jpeg',
      size: 4,
      keywords: 'bark, wound',
      exifInfo: [{ name: 'EXIF' }],
    });
    assert.match(globalId as string, /^\{.{36}\}$/);
    assert.equal(parentGlobalId !== null, canQuery);
  });
}

test('an attachment with fewer bytes than the service says fails the reading', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] });
  attach(service, { 2: 1 });
  sim.faults.add({ match: /\/2\/attachments\/1$/, times: Infinity, answer: { status: 200, body: '2.' } });
  await assert.rejects(filesOf(portal, record.id), { code: 'ITEM_TRUNCATED' });
});

test('an answer that was cut without a word is noticed, whatever number the layer says it gives', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'], rows: 9 });
  const paths = attach(service, { 1: 1, 2: 4, 4: 1, 9: 2 });
  describeLayer(sim, { maxRecordCount: 2000 });
  assert.deepEqual([...(await filesOf(portal, record.id)).keys()].slice(1), [...paths, index]);
});

test('attachments that can be listed for no row but by itself are, and those of a row that cannot are told by its folder', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'], rows: 9 });
  attach(service, { 1: 1, 4: 2, 9: 1 });
  const internal = { error: { code: 500, message: 'Internal error' } };
  sim.faults.add({ match: /queryAttachments$|\/4\/attachments$/, times: Infinity, answer: internal });
  const [layer] = await portal.features((await portal.item(record.id)) ?? assert.fail());
  const found: string[] = [];
  for await (const file of layer?.files('geojson') ?? []) {
    found.push('error' in file ? `${file.folder}: ${file.error.code}` : file.path);
    if ('open' in file) await bytesOf((await file.open()).body);
  }
  const folder = 'features/attachments/0';
  assert.deepEqual(found.slice(1), [`${folder}/1/1 a.jpg`, `${folder}/4: PORTAL_ERROR`, `${folder}/9/1 a.jpg`, index]);
  assert.equal(layer?.count().attachments, null, 'nobody knows how many they are');
});
