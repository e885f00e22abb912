import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caller } from '../../portal/caller.ts';
import { newWorld, type World } from '../../support/restore.ts';
import { addRoads, fillRoads, layerOf } from '../../support/services.ts';
import { attributesOf } from '../../support/portal/table.ts';

/** Rows with their files, by names in small letters: without object ids, which are others when they were loaded. */
function rowsOf({ org }: World, id: string) {
  const service = org.item(id).service ?? assert.fail();
  return [3, 7].map((number) => {
    const layer = layerOf(service, number);
    return layer.rows.map((row) => {
      const values = Object.entries(attributesOf(layer, row)).map(([name, value]) => [name.toLowerCase(), value]);
      const { objectid: _, ...rest } = Object.fromEntries(values) as Record<string, unknown>;
      const { spatialReference: __, ...geometry } = row.geometry ?? {};
      return [rest, geometry, row.attachments.map(({ name, content }) => [name, content.sha256()])];
    });
  });
}

const shouted = {
  fields: [{ name: 'LANES_2', type: 'esriFieldTypeInteger', alias: 'Lanes' }],
  drawingInfo: {
    renderer: { type: 'uniqueValue', field1: 'LANES_2', uniqueValueInfos: [{ value: '1', label: 'LANES_2' }] },
  },
  templates: [{ name: 'New', prototype: { attributes: { LANES_2: 2 } } }],
  displayField: 'LANES_2',
};

for (const [what, rules] of [
  ['read row by row', { refuse: { code: 400, message: 'No.' } }],
  ['in a file geodatabase', {}],
] as const)
  test(`a portal that writes names of fields small gets the layer, its rows, files and what joins them, its version ${what}`, async (t) => {
    const world = await newWorld(t, { rules, writing: { wishedIds: 'honoured', bin: 'off' } });
    const { org, portal } = world;
    const roads = await addRoads(world);
    const admin = '/arcgis/rest/admin/services/Roads/FeatureServer/3';
    const keeper = new Caller(portal, 'keeper');
    const { fields, ...rest } = shouted;
    await keeper.post(`${admin}/addToDefinition`, { addToDefinition: JSON.stringify({ fields }) });
    await keeper.post(`${admin}/updateDefinition`, { updateDefinition: JSON.stringify(rest) });
    await fillRoads(world);
    await world.backup();
    const before = rowsOf(world, roads);
    portal.writing.smallFields = true;
    org.deleteItem(roads);
    const result = await world.restore({ items: [roads] });
    assert.equal(result.outcome, 'complete', JSON.stringify(result));
    assert.deepEqual(rowsOf(world, roads), before);
    const { definition = assert.fail() } = layerOf(org.services.get('Roads') ?? assert.fail(), 3);
    assert.deepEqual(definition['drawingInfo'], {
      renderer: { type: 'uniqueValue', field1: 'lanes_2', uniqueValueInfos: [{ value: '1', label: 'LANES_2' }] },
    });
    assert.deepEqual(definition['templates'], [{ name: 'New', prototype: { attributes: { lanes_2: 2 } } }]);

    layerOf(org.services.get('Roads') ?? assert.fail(), 3).rows.splice(1, 2);
    org.editRows(roads, 3);
    const missing = await world.restore({ items: [roads], rows: 'missing' });
    assert.equal(missing.outcome, 'complete', JSON.stringify(missing));
    assert.equal(rowsOf(world, roads)[0]?.length, before[0]?.length);
  });
