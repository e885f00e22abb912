import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasStandIn, standIn } from '../../lib/restore/stand-in.ts';
import { newWorld } from '../support/restore.ts';

const isLong = process.env['LONG'] === '1';

test('a name that stands in keeps what tells the kind of file', () => {
  const mark = '0123456789abcdef';
  for (const [name, other] of [
    ['roads.gdb.zip', 'roads_restore-01234567.gdb.zip'],
    ['.hidden', '.hidden_restore-01234567'],
    ['plain', 'plain_restore-01234567'],
  ] as const)
    assert.deepEqual([standIn(name, mark), hasStandIn({ name: other }), hasStandIn({ name })], [other, true, false]);
});

for (const rule of ['folder', 'member'] as const)
  test(`a copy beside a file that the account that restores owns itself: no two of one name in one ${rule}`, async (t) => {
    const world = await newWorld(t);
    const { org, portal } = world;
    portal.writing.fileNames = rule;
    const file = { owner: 'keeper', type: 'CSV', file: 'stations.csv' };
    const id = org.addItem({ ...file, title: 'Stations' }).record.id;
    await world.backup();
    for (let skip = 0; ; skip++) {
      const fault = portal.faults.add({ match: /^POST .*\/content\/users\//, skip, answer: 'lost' });
      const result = await world.restore({ items: [id], mode: 'beside' });
      const { hits } = fault;
      fault.remove();
      const wanted = rule === 'folder' ? 'restored' : 'equivalent';
      const about = `lost ${skip}: ${JSON.stringify(result)}`;
      assert.deepEqual([result.outcome, result.items[0]?.outcome], ['complete', wanted], about);
      const { record, data } = org.item(result.items[0]?.newId ?? '');
      assert.ok(rule === 'folder' ? record.name === 'stations.csv' : hasStandIn(record), about);
      assert.deepEqual(data?.bytes(), org.item(id).data?.bytes());
      const folder = org.folders.get('keeper')?.find((each) => each.id === record.ownerFolder);
      assert.equal(folder?.title, 'Restored 2026-11-23');
      assert.equal(org.items.size, 2, about);
      const own = world.restores();
      await own.start(await own.planUndo(result.restoreId));
      assert.equal(org.items.size, 1);
      if (!isLong) return;
      if (hits === 0) return assert.ok(skip > 3, `only ${skip} write calls`);
    }
  });
