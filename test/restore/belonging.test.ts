import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonContent } from '../support/portal/content.ts';
import { newWorld } from '../support/restore.ts';

test('relations, the status and the categories of items come back, in place and anew, and undoing takes them away again', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  org.categories = [{ title: 'Parks' }];
  const around = { owner: 'ana', json: {} };
  const layer = org.addItem({ ...around, type: 'Feature Collection', title: 'Trees' }).record.id;
  const [lost, kept] = ['Lost', 'Kept'].map((title) => {
    const { id } = org.addItem({
      ...around,
      type: 'Web Map',
      title,
    }).record;
    org.relate(id, layer, 'Map2FeatureCollection');
    org.quietlyEdit(id, { contentStatus: 'org_authoritative', categories: ['/Categories/Parks', '/Categories/Old'] });
    return id;
  }) as [string, string];
  await world.backup();
  const relationsOf = (id: string) => org.item(id).relations;
  org.deleteItem(lost);
  org.item(layer).relations = [];
  org.item(kept).relations = [{ type: 'Map2Area', direction: 'forward', id: layer }];
  org.item(layer).relations = [{ type: 'Map2Area', direction: 'reverse', id: kept }];
  org.quietlyEdit(kept, { contentStatus: '' });
  org.replaceData(kept, jsonContent({ spoiled: true }));
  const { plan } = await world.restores().plan({ items: [lost, kept] });
  assert.deepEqual(
    plan.warnings.flatMap(({ code, itemId }) => (code === 'CATEGORY_GONE' ? itemId : [])),
    [lost],
  );
  const result = await world.restore({ items: [lost, kept] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result.items));
  for (const id of [result.ids[lost] ?? '', kept]) {
    assert.deepEqual(relationsOf(id), [{ type: 'Map2FeatureCollection', direction: 'forward', id: layer }]);
    assert.deepEqual(org.item(id).record['contentStatus'], 'org_authoritative');
  }
  assert.deepEqual(org.item(result.ids[lost] ?? '').record['categories'], ['/Categories/Parks']);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone.items));
  assert.deepEqual(relationsOf(kept), [{ type: 'Map2Area', direction: 'forward', id: layer }]);
  assert.equal(org.item(kept).record['contentStatus'], '');
});
