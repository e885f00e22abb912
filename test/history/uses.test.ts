import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { ZipFile } from 'yazl';
import { openRepository } from '../../lib/archive/repository.ts';
import { readHistory } from '../../lib/history/read-history.ts';
import { showItem } from '../../lib/history/show.ts';
import { UseGraph } from '../../lib/history/uses.ts';
import { versionAt } from '../../lib/history/version-at.ts';
import { cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { counting } from '../support/stores/counting.ts';
import { historyOf, night } from './lives.ts';

const mebibyte = 1024 * 1024;

test('what the zip of a survey names would be missed by the survey; a zip that unpacks to too much or is no zip names nothing', async (t) => {
  const backup = await newBackup(t);
  const { org } = backup.portal;
  const service = org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] }).record;
  const map = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Base', json: {} }).record.id;
  const form = JSON.stringify({
    layerName: 'Trees',
    serviceUrl: service.url?.replace('{portal}', backup.portal.url),
    mapItem: map,
  });
  const survey = (title: string, data: Buffer) =>
    org.addItem({ owner: 'backup', type: 'Form', title, name: `${title}.zip`, data }).record.id;
  const whole = await zipOf({ 'esriinfo/form.json': Buffer.from(form) });
  const small = survey('Small', whole);
  survey('Bomb', await zipOf({ 'esriinfo/form.json': Buffer.from(form), 'big.xml': Buffer.alloc(17 * mebibyte, ' ') }));
  survey('Odd', Buffer.from(`no zip, although it says ${map}`));
  await night(backup);
  const { archive, history } = await historyOf(backup);
  const graph = await UseGraph.read(archive, history.latest());
  for (const used of [service.id, map])
    assert.deepEqual(
      graph.usedBy(used).map(({ itemId, title, depth }) => [itemId, title, depth]),
      [[small, 'Small', 1]],
    );
  assert.deepEqual(
    graph
      .uses(small, new Set())
      .map(({ title }) => title)
      .sort(),
    ['Base', 'Trees'],
  );
});

test('what an item names is recorded when it is saved, also of data that stays, and costs show no reading of other items', async (t) => {
  const backup = await newBackup(t);
  const { org } = backup.portal;
  const service = org.addService({ owner: 'backup', title: 'Trees', layers: ['Trees'] }).record;
  const address = service.url?.replace('{portal}', backup.portal.url) ?? '';
  const add = (title: string, json: object, more: object = {}) =>
    org.addItem({ owner: 'backup', type: 'Web Map', title, json, ...more }).record.id;
  const map = add('Map', { layers: [{ url: `${address}/0` }] });
  const app = add('App', { map: { itemId: map } }, { type: 'Dashboard' });
  const page = add('Page', {}, { type: 'Web Mapping Application', url: `https://example.org/?appid=${app}` });
  const gone = '9'.repeat(32);
  add('Other', { webmap: gone, notAnId: '8'.repeat(32) });
  for (let n = 0; n < 20; n++) add(`Map ${n}`, { n });
  await night(backup);
  org.editItem(map, { snippet: 'its data stays' });
  org.moveItem(app, org.addFolder('backup', 'Apps').id);
  await night(backup);
  const { items } = await cloneArchive(t, backup.store);
  assert.deepEqual(items.get(map)?.manifest.uses, [address]);
  assert.equal(items.get(service.id)?.manifest.service, address);
  assert.deepEqual(items.get(app)?.manifest.uses, [map]);
  assert.deepEqual(items.get(page)?.manifest.uses, [app]);

  const { archive } = await historyOf(backup);
  const { store, requests } = counting(archive.store);
  const counted = { store, repository: openRepository(store, { clock: backup.clock, random: () => '' }) };
  const history = await readHistory(counted);
  const shown = await showItem(counted, history, versionAt(history, service.id, { is: 'latest' }));
  assert.deepEqual(
    shown.usedBy.map(({ title, depth }) => [title, depth]),
    [
      ['Map', 1],
      ['App', 2],
      ['Page', 3],
    ],
  );
  assert.ok(requests.total < 20, `${requests.total} requests`);
  const other = [...items.values()].find(({ manifest }) => manifest.title === 'Other')?.manifest.id ?? '';
  const { uses } = await showItem(counted, history, versionAt(history, other, { is: 'latest' }));
  assert.deepEqual(
    uses.map(({ itemId, title }) => [itemId, title]),
    [[gone, null]],
  );
});

async function zipOf(files: Record<string, Buffer>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(bytes, name, {});
  zip.end();
  return buffer(zip.outputStream);
}
