import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { ZipFile } from 'yazl';
import { UseGraph } from '../../lib/history/uses.ts';
import { newBackup } from '../support/backup.ts';
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
      .uses(small)
      .map(({ title }) => title)
      .sort(),
    ['Base', 'Trees'],
  );
});

async function zipOf(files: Record<string, Buffer>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(bytes, name, {});
  zip.end();
  return buffer(zip.outputStream);
}
