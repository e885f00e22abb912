import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportTag, exportTitle } from '../../../lib/backup/export-intent.ts';
import type { Portal } from '../../../lib/arcgis/portal.ts';
import { bytesOf, portalPair } from '../../support/open-portal.ts';
import type { ExportRules } from '../../support/portal/jobs.ts';
import type { SimulatedPortal } from '../../support/portal/portal.ts';

function layer(sim: SimulatedPortal) {
  sim.org.addMember('ana');
  return sim.org.addService({ owner: 'ana', title: 'Parcels', layers: ['Parcels'], tables: ['Owners'] }).record;
}

function start(portal: Portal, itemId: string) {
  const title = exportTitle('0123abcd'.repeat(5));
  return portal.startExport({ itemId, owner: 'ana', title, format: 'File Geodatabase', tags: [exportTag] });
}

async function untilEnd(portal: Portal, exporting: Awaited<ReturnType<Portal['startExport']>>) {
  for (let polls = 0; polls < 20; polls++) {
    const answer = await portal.exportStatus(exporting);
    if (answer.status !== 'processing') return answer;
  }
  return assert.fail('the export did not end');
}

for (const [name, rules, owner] of [
  ["under its owner's name", {}, 'ana'],
  ["under our own name where the owner's is refused", { underOwner: 'refused' }, 'backup'],
  ['once its bytes are ready, some time after the end', { unready: 2 }, 'ana'],
] as [string, Partial<ExportRules>, string][]) {
  test(`a layer of another member is exported ${name}, and deleted for good under its true owner`, async (t) => {
    const { sim, portal } = await portalPair(t, { rules });
    const { id } = layer(sim);
    const exporting = await start(portal, id);
    assert.equal(exporting.owner, owner);
    assert.deepEqual(await untilEnd(portal, exporting), { status: 'completed' });
    const found = await portal.download(exporting.exportItemId, 'data');
    assert.ok(
      (await bytesOf(found?.body ?? assert.fail())).equals(sim.org.truth(id).export()?.bytes() ?? assert.fail()),
    );
    await portal.deletePermanently({ id: exporting.exportItemId, owner: exporting.owner });
    assert.deepEqual(sim.leftovers(), []);
  });
}

for (const [name, rules, code] of [
  ['refused under both names', { underOwner: 'refused', underOwnName: 'refused' }, 'EXPORT_REFUSED'],
  [
    'refused without Extract',
    { refuse: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } },
    'EXPORT_REFUSED',
  ],
  ['refused for a reason of its own', { refuse: { code: 500, message: 'Error exporting data' } }, 'EXPORT_FAILED'],
  [
    'refused because of a twin',
    { refuse: { code: 409, messageCode: 'CONT_0027', message: 'Item with this filename already exists.' } },
    'EXPORT_FAILED',
  ],
] as [string, Partial<ExportRules>, string][]) {
  test(`an export that is ${name} is ${code}`, async (t) => {
    const { sim, portal } = await portalPair(t, { rules });
    await assert.rejects(start(portal, layer(sim).id), { code });
  });
}

test('a failed job is an answer, its reason a text or JSON in a text', async (t) => {
  for (const message of [
    'Error exporting data to filegdb format',
    { code: 400, message: 'Error exporting data to filegdb format' },
  ]) {
    const { sim, portal } = await portalPair(t, { rules: { end: 'failed', message } });
    const exporting = await start(portal, layer(sim).id);
    assert.deepEqual(await untilEnd(portal, exporting), {
      status: 'failed',
      message: 'The portal says: Error exporting data to filegdb format',
    });
  }
});

test('an export whose item disappears has failed', async (t) => {
  const { sim, portal } = await portalPair(t);
  const exporting = await start(portal, layer(sim).id);
  sim.org.deleteItem(exporting.exportItemId);
  assert.equal((await portal.exportStatus(exporting)).status, 'failed');
  await portal.deletePermanently({ id: exporting.exportItemId, owner: exporting.owner });
});

test('a start whose answer is lost says so, and is not made twice', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { id } = layer(sim);
  await portal.identity();
  // It takes effect; only then the answer turns into a gateway's error.
  sim.faults.add({ match: /\/export$/, answer: { edit: () => 'gateway' } });
  await assert.rejects(start(portal, id), { code: 'PORTAL_ANSWER' });
  assert.deepEqual(
    (await portal.newest('ana')).map((item) => item.id).filter((found) => found !== id),
    sim.leftovers().map(({ record }) => record.id),
  );
  assert.equal(sim.leftovers().length, 1);
});

test('a protected export stays protected, and is named', async (t) => {
  const { sim, portal } = await portalPair(t);
  const exporting = await start(portal, layer(sim).id);
  const { record } = sim.org.item(exporting.exportItemId);
  record.protected = true;
  await assert.rejects(portal.deletePermanently({ id: exporting.exportItemId, owner: exporting.owner }), {
    code: 'EXPORT_NOT_DELETED',
  });
  assert.deepEqual([sim.leftovers().length, record.protected], [1, true]);
});

test('an export is deleted under the owner it has now', async (t) => {
  const { sim, portal } = await portalPair(t);
  const exporting = await start(portal, layer(sim).id);
  sim.org.changeOwner(exporting.exportItemId, 'backup');
  await portal.deletePermanently({ id: exporting.exportItemId, owner: 'ana' });
  assert.deepEqual(sim.leftovers(), []);
});

test('an export that cannot be deleted is named', async (t) => {
  const { sim, portal } = await portalPair(t);
  const exporting = await start(portal, layer(sim).id);
  sim.faults.add({
    match: /\/delete$/,
    times: Infinity,
    answer: { error: { code: 500, message: 'Unable to delete item' } },
  });
  await assert.rejects(
    portal.deletePermanently({ id: exporting.exportItemId, owner: 'ana' }),
    (error: Error & { code?: string }) => {
      assert.ok(error.message.includes(exporting.exportItemId));
      return error.code === 'EXPORT_NOT_DELETED';
    },
  );
});
