import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect, portalOf } from '../../../lib/arcgis/portal.ts';
import { openServiceWriting } from '../../../lib/arcgis/writing/service-writing.ts';
import { Writer } from '../../../lib/arcgis/writing/writer.ts';
import { openWriting } from '../../../lib/arcgis/writing/writing.ts';
import { isCode } from '../../../lib/errors.ts';
import { VirtualClock } from '../../support/clock.ts';
import { password } from '../../support/open-portal.ts';
import { startPortal } from '../../support/portal/portal.ts';
import { globalIdsOf } from '../../support/portal/routes/write/services/load.ts';

/** A service with global ids, and who may change it. */
async function withRoads(t: TestContext) {
  const clock = new VirtualClock();
  const sim = await startPortal({ clock });
  t.after(() => sim.close());
  sim.org.addMember('keeper', { role: 'org_admin' });
  const item = sim.org.addService({ owner: 'keeper', title: 'Roads', layers: ['Roads'], rows: 3, defined: true });
  const service = item.service ?? assert.fail();
  service.capabilities = 'Query,Editing';
  const layer = service.layers[0] ?? assert.fail();
  const credentials = password('keeper', 'keeper-password');
  const client = connect({ url: sim.url, credentials, clock, fetch: globalThis.fetch });
  const writer = new Writer(client, 0);
  const portal = portalOf(client);
  const living = (await portal.item(item.record.id)) ?? assert.fail();
  const address = await portal.serviceAddress(living);
  const services = openServiceWriting(client, writer);
  return { sim, item, layer, address, portal, services, writing: openWriting(client, writer) };
}

const refused = (error: unknown) => isCode(error, 'RESTORE_REFUSED');

test('rows are emptied, added under their global ids, changed and deleted; what the portal says of each is told', async (t) => {
  const { layer, address, services } = await withRoads(t);
  const [first = ''] = globalIdsOf(layer);
  await services.truncate(address, 0);
  assert.equal(layer.rows.length, 0);
  const row = { attributes: { NAME: 'a', GlobalID: first }, geometry: { x: 1, y: 2 } };
  const { adds } = await services.applyEdits(address, 0, { adds: [row] }, true);
  assert.deepEqual(adds, [{ success: true, objectId: 1, trouble: undefined }]);
  assert.deepEqual(globalIdsOf(layer), [first]);
  const again = await services.applyEdits(address, 0, { adds: [row] }, true);
  assert.match(again.adds[0]?.trouble ?? '', /already exists/);
  const updates = [{ attributes: { NAME: 'b', GlobalID: first } }];
  await services.applyEdits(address, 0, { updates }, true);
  assert.equal(layer.rows[0]?.values?.['NAME'], 'b');
  await services.updateDefinition(address, 0, { hasAttachments: true });
  await services.addAttachment(address, 0, 1, new File(['x'], 'a.txt'), 'key');
  assert.deepEqual(
    layer.rows[0].attachments.map(({ name, keywords }) => [name, keywords]),
    [['a.txt', 'key']],
  );
  await services.deleteAttachments(address, 0, 1, [1]);
  assert.equal(layer.rows[0].attachments.length, 0);
  await services.deleteWhere(address, 0, 'OBJECTID <= 1');
  assert.equal(layer.rows.length, 0);
});

test('definitions change by the address for administrators alone', async (t) => {
  const { item, address, services } = await withRoads(t);
  await services.updateDefinition(address, null, { capabilities: 'Query' });
  await services.addToDefinition(address, 0, { fields: [{ name: 'lanes', type: 'esriFieldTypeInteger' }] });
  await services.updateDefinition(address, 0, { hasAttachments: true });
  await services.refresh(address);
  assert.equal(item.service?.capabilities, 'Query');
  const { definition } = item.service.layers[0] ?? {};
  assert.deepEqual([definition?.fields.at(-1)?.name, definition?.['hasAttachments']], ['lanes', true]);
});

test('a file is published, and loaded into an emptied layer', async (t) => {
  const { sim, item, layer, address, services, writing } = await withRoads(t);
  const bytes = sim.org.truth(item.record.id).export()?.bytes() ?? assert.fail();
  const record = { title: 'roads', type: 'File Geodatabase' };
  const itemId = await writing.addItem(record, { file: new File([new Uint8Array(bytes)], 'roads.zip') });
  const publishing = await services.publish({ itemId, name: 'Copy' });
  assert.equal(await services.publishStatus(publishing), 'processing');
  assert.equal(await services.publishStatus(publishing), 'completed');
  await assert.rejects(services.publish({ itemId, name: 'Copy' }), refused);
  await services.truncate(address, 0);
  const fields = ['NAME', 'GlobalID'].map((name) => ({ name, source: name }));
  assert.equal(await services.append(address, 0, { itemId, table: 'Roads', fields }), 3);
  assert.equal(layer.rows.length, 3);
});

test('a job that fails in any of its words is a refusal, and its state is asked of no other host', async (t) => {
  const { sim, address, services } = await withRoads(t);
  sim.writing.failedJobs = true;
  for (const word of ['Failed', 'failed'] as const) {
    sim.writing.failedWord = word;
    await assert.rejects(services.truncate(address, 0), refused);
  }
  const edit = () => ({ statusURL: `${sim.foreignUrl}/jobs/1` });
  sim.faults.add({ match: /truncate$/, answer: { edit } });
  await assert.rejects(services.truncate(address, 0), (error) => isCode(error, 'PORTAL_ANSWER'));
  assert.deepEqual(sim.leaks, []);
});
