import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addParcels, layersOf, rowsImage } from '../../support/layers.ts';
import { newWorld } from '../../support/restore.ts';
import type { WriteRules } from '../../support/portal/write-rules.ts';

const name = (rule: Partial<WriteRules>) => Object.entries(rule).join(' ');

test('however a portal loads rows, the layer is what it was, and nothing temporary stays', async (t) => {
  const world = await newWorld(t);
  const { portal, org } = world;
  const item = addParcels(org);
  await world.backup();
  const commit = (await world.restores().plan({ items: [item.record.id] })).plan.items[0]?.commit ?? '';
  const [before, ids] = [rowsImage(item), [...org.items.keys()]];
  const usual = { ...portal.writing };
  for (const rule of [
    { appendEnds: 'failed' },
    { appendEnds: 'failed', appendRollsBack: false, failedWord: 'failed' },
    { truncateRefused: 'Truncate is not supported.' },
    { failedJobs: true },
  ] as Partial<WriteRules>[]) {
    Object.assign(portal.writing, rule);
    layersOf(item)[0].rows.splice(0, 2);
    org.editRows(item.record.id, 0);
    const result = await world.restore({ items: [item.record.id], at: commit });
    assert.equal(result.outcome, 'complete', `${name(rule)}: ${JSON.stringify(result)}`);
    assert.deepEqual(rowsImage(item), before, name(rule));
    assert.deepEqual([...org.items.keys()], ids, name(rule));
    Object.assign(portal.writing, usual);
  }
  for (const rule of [
    { publishRefuses: 'Nothing is published today.' },
    { publishEnds: 'failed' },
    { publishEmpty: true },
  ] as Partial<WriteRules>[]) {
    Object.assign(portal.writing, rule);
    layersOf(item)[0].rows.splice(0, 1);
    org.editRows(item.record.id, 0);
    const spoiled = rowsImage(item);
    const result = await world.restore({ items: [item.record.id], at: commit });
    assert.equal(result.outcome, 'failed', `${name(rule)}: ${JSON.stringify(result)}`);
    assert.deepEqual(rowsImage(item), spoiled, `${name(rule)}: nothing that lives was touched`);
    assert.deepEqual([...org.items.keys()], ids, name(rule));
    assert.match(item.service?.capabilities ?? '', /Editing/, 'and it is open to edits again');
    Object.assign(portal.writing, usual);
  }
});

test('copies on devices block it in the plan until they are back', async (t) => {
  const world = await newWorld(t, { rules: { refuse: { code: 400, message: 'No.' } } });
  const { org } = world;
  const item = addParcels(org);
  const service = item.service ?? assert.fail();
  await world.backup();
  const before = rowsImage(item);
  layersOf(item)[0].rows.splice(0, 2);
  org.editRows(item.record.id, 0);
  const capabilities = service.capabilities;
  service.capabilities += ',Sync';
  service.replicas = [{ replicaName: 'crew', replicaID: 'a' }];
  const { plan } = await world.restores().plan({ items: [item.record.id] });
  assert.equal(plan.items[0]?.blocked?.code, 'RESTORE_ROWS', JSON.stringify(plan.items));
  assert.match(plan.items[0].blocked.message, /1 copy of it is out/);
  service.replicas = [];
  service.capabilities = capabilities;
  const result = await world.restore({ items: [item.record.id] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual(rowsImage(item), before);
});
