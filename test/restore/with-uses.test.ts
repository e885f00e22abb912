import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../support/restore.ts';

test('what an app needs and is gone comes with it, through others and by the group it was shared with; what is there stays', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const add = (type: string, title: string, json: object) => org.addItem({ owner: 'ana', type, title, json }).record.id;
  const trees = add('Feature Collection', 'Trees', {});
  const roads = add('Feature Collection', 'Roads', {});
  const map = add('Web Map', 'Map', { operationalLayers: [{ itemId: trees }, { itemId: roads }] });
  const app = add('Dashboard', 'Board', { widgets: [{ itemId: map }] });
  const other = add('Web Map', 'Other', {});
  const group = org.addGroup('Crew', { owner: 'ana', more: { tags: [] } });
  org.share(other, group.id);
  await world.backup();
  for (const id of [trees, map, app, other]) org.deleteItem(id);
  org.groups.delete(group.id);
  const alone = await world.restores().plan({ items: [app] });
  assert.deepEqual([alone.plan.order, alone.plan.dangling], [[app], [{ itemId: app, names: map }]]);
  const request = { items: [app], groups: [group.id], withUses: true };
  const { plan } = await world.restores().plan(request);
  assert.deepEqual(plan.order, [group.id, trees, map, app, other]);
  const { outcome, ids, items } = await world.restore(request);
  assert.equal(outcome, 'complete', JSON.stringify(items));
  const text = (id: string) =>
    org
      .item(ids[id] ?? '')
      .data?.bytes()
      .toString();
  assert.equal(text(app), `{"widgets":[{"itemId":"${ids[map] ?? ''}"}]}`);
  assert.equal(text(map), `{"operationalLayers":[{"itemId":"${ids[trees] ?? ''}"},{"itemId":"${roads}"}]}`);
  assert.deepEqual([...(org.groups.get(ids[group.id] ?? '')?.items ?? [])], [ids[other]]);
});
