import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { portraitOf } from '../support/mixed.ts';
import { contentOf, fixture, jsonContent } from '../support/portal/content.ts';
import { zipOf } from '../support/portal/zip.ts';
import { newWorld } from '../support/restore.ts';
import { addRoads, fillRoads } from '../support/services.ts';

/** Surveys and notebooks: what they are comes back in place and anew, and names what was made anew with them. */

/** A survey over a layer, and a notebook that reads both, in an archive. */
async function newField(t: TestContext) {
  const world = await newWorld(t, { writing: { bin: 'off' } });
  const { org } = world;
  const roads = await addRoads(world);
  await fillRoads(world, 'Roads', 1);
  const around = { owner: 'ana', infos: { 'thumbnail/a.png': fixture('thumbnail.png') } };
  const form = org.addItem({ ...around, type: 'Form', title: 'Survey', name: 'survey.zip', data: zipOf([]) }).record.id;
  const survey = zipOf([
    ['esriinfo/form.info', Buffer.from(`{"serviceInfo":{"itemId":"${roads}"}}`)],
    ['esriinfo/form.itemInfo', Buffer.from(`{"id":"${form}"}`)],
    ['media/logo.png', fixture('logo.png').bytes()],
  ]);
  org.replaceData(form, contentOf(survey));
  org.item(form).infos.set('form.json', jsonContent({ roads }));
  org.relate(form, roads, 'Survey2Service');
  const cells = `{"cells":[{"source":["gis.content.get('${roads}')\\n${form}"]}]}\n`;
  const notebook = org.addItem({ ...around, type: 'Notebook', title: 'Notes', name: 'notes.ipynb', data: cells }).record
    .id;
  org.item(notebook).resources.set('a.txt', { content: contentOf('a'), access: 'private', created: 1 });
  await world.backup();
  return { world, form, notebook, roads, saved: await portraitOf(world) };
}

test('a spoiled survey and a spoiled notebook are what they were', async (t) => {
  const { world, form, notebook, roads, saved } = await newField(t);
  const { org } = world;
  org.replaceData(form, contentOf(zipOf([['esriinfo/form.info', Buffer.from('{}')]])));
  org.replaceData(notebook, contentOf('{"cells":[]}'));
  for (const id of [form, notebook]) org.editItem(id, { title: 'Oops', tags: ['x'] });
  org.item(notebook).resources.clear();
  for (const id of [form, roads]) org.item(id).relations = [];
  const { outcome, items, ids } = await world.restore({ items: [form, notebook] });
  assert.deepEqual([outcome, ids], ['complete', {}], JSON.stringify(items));
  assert.deepEqual(await portraitOf(world), saved);
});

test('a survey, its layer and a notebook that are gone come back, each naming the others as they are called now; the plan says what is by hand', async (t) => {
  const { world, form, notebook, roads, saved } = await newField(t);
  for (const id of [form, notebook, roads]) world.org.deleteItem(id);
  const { plan } = await world.restores().plan({ items: [form, notebook, roads] });
  assert.deepEqual(
    plan.warnings.map(({ code, itemId }) => [code, itemId]),
    [
      ['BY_HAND', form],
      ['BY_HAND', notebook],
    ],
  );
  const { outcome, items } = await world.restore({ items: [form, notebook, roads] });
  assert.equal(outcome, 'complete', JSON.stringify(items));
  assert.deepEqual(await portraitOf(world), saved);
});
