import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, fixture, jsonContent } from '../support/portal/content.ts';
import { imageOf, newWorld, type World } from '../support/restore.ts';

/** A web map with everything that an item may have around it. */
function addMap({ org }: World, title = 'Districts') {
  org.addMember('ana');
  const folder = org.addFolder('ana', 'Maps');
  const group = org.addGroup('Field crew', { owner: 'ana', members: new Set(['ana']) });
  const map = org.addItem({
    owner: 'ana',
    folder: folder.id,
    type: 'Web Map',
    title,
    json: { operationalLayers: [{ id: 'a', title: 'Parcels' }], version: '2.31' },
    infos: { 'thumbnail/map.png': fixture('thumbnail.png') },
    metadata: '<metadata><title>Districts</title></metadata>',
    resources: { 'images/logo.png': fixture('logo.png'), 'notes.json': jsonContent({ a: 1 }) },
    tags: ['district', 'council'],
    snippet: 'All districts',
    protected: true,
  });
  map.resources.set('secret.txt', { content: contentOf('who may see'), access: 'private', created: 1 });
  org.share(map.record.id, group.id);
  return map.record.id;
}

test('a spoiled map is what it was, and nothing else is written', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  await world.backup();
  const before = imageOf(world.org.item(id));
  world.org.replaceData(id, jsonContent({ operationalLayers: [] }));
  world.org.editItem(id, {
    title: 'Oops',
    tags: [],
    snippet: null,
    description: 'new words',
    typeKeywords: ['Web Map'],
  });
  world.org.item(id).resources.delete('notes.json');
  world.org.item(id).resources.set('stray.json', { content: contentOf('{}'), access: 'inherit', created: 1 });
  world.org.moveItem(id, null);
  const result = await world.restore({ items: [id] });
  assert.deepEqual(
    [result.outcome, result.items[0]?.outcome, result.items[0]?.differences],
    ['complete', 'restored', []],
  );
  assert.deepEqual(imageOf(world.org.item(id)), before);
});

test('a map that is gone comes back under another id, its parts as they were', async (t) => {
  const world = await newWorld(t);
  world.portal.writing.bin = 'off';
  const id = addMap(world);
  await world.backup();
  const before = imageOf(world.org.item(id));
  world.org.deleteItem(id);
  const result = await world.restore({ items: [id] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  const newId = result.ids[id] ?? '';
  assert.notEqual(newId, id);
  assert.deepEqual(imageOf(world.org.item(newId)), before);
});
