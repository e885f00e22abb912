import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, fixture, jsonContent } from '../../support/portal/content.ts';
import { readZip } from '../../support/portal/unzip.ts';
import { zipOf } from '../../support/portal/zip.ts';
import { imageOf, newWorld } from '../../support/restore.ts';

/** What each type keeps where, as restore.md 3.3 has it. `a`, `b`: itself, and the map that it shows. */
const texts = {
  survey: (a: string, b: string): [string, Buffer][] => [
    ['esriinfo/form.itemInfo', Buffer.from(`{"id":"${a}"}`)],
    ['esriinfo/form.info', Buffer.from(`{"serviceInfo":{"itemId":"${b}"}}`)],
    ['esriinfo/form.webform', Buffer.from(`{"form":{"map":{"itemId":"${b}"}}}`)],
  ],
  notebook: (_: string, b: string) => `{"cells":[{"source":["gis.content.get('${b}')\\n${b}"]}]}\n`,
  story: (a: string, b: string) =>
    `{"nodes":{"n-1":{"data":{"map":"r-${b}"}}},"resources":{"r-${b}":{"type":"webmap","data":{"itemId":"${b}"}}},"own":"${a}"}`,
  experience: (a: string, b: string) =>
    `{"dataSources":{"dataSource_1":{"itemId":"${b}","portalUrl":"https://x/home/item.html?id=${a}"}}}`,
};

test('a survey, a notebook, a story and an experience name what was made anew with them, in zip, cells, drafts and keywords', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const around = { owner: 'ana', infos: { 'thumbnail/a.png': fixture('thumbnail.png') } };
  const map = org.addItem({ ...around, type: 'Web Map', title: 'Map', json: { a: 1 } }).record.id;
  const form = org.addItem({ ...around, type: 'Form', title: 'Survey', name: 'survey.zip', data: zipOf([]) }).record.id;
  const notebook = org.addItem({ ...around, type: 'Notebook', title: 'Notes', name: 'notes.ipynb', data: Buffer.of() })
    .record.id;
  const draft = 'draft_1586793923030.json';
  const story = org.addItem({
    ...around,
    type: 'StoryMap',
    title: 'Story',
    json: {},
    typeKeywords: ['StoryMap', `smdraftresourceid:${draft}`, 'smstatuspublished'],
  }).record.id;
  const experience = org.addItem({
    ...around,
    type: 'Web Experience',
    title: 'Experience',
    json: {},
    typeKeywords: ['EXB Experience', 'status: Published'],
  }).record.id;
  const all = [form, notebook, story, experience];
  /** Each as it is to be, by their ids and that of the map. */
  const fill = ([a, b, c, d]: readonly string[], m: string) => {
    const story1 = Buffer.from(texts.story(c ?? '', m));
    const experience1 = Buffer.from(texts.experience(d ?? '', m));
    const resources = {
      [c ?? '']: { [draft]: story1, 'images/logo.png': fixture('logo.png').bytes() },
      [d ?? '']: { 'config/config.json': experience1 },
    };
    return {
      data: {
        [a ?? '']: zipOf(texts.survey(a ?? '', m)),
        [b ?? '']: Buffer.from(texts.notebook(b ?? '', m)),
        [c ?? '']: story1,
        [d ?? '']: experience1,
      },
      resources,
      urls: {
        [c ?? '']: `https://storymaps.arcgis.com/stories/${c ?? ''}`,
        [d ?? '']: `https://x/experience/${d ?? ''}`,
      },
    };
  };
  const content = fill(all, map);
  for (const [id, bytes] of Object.entries(content.data)) {
    org.replaceData(id, contentOf(bytes));
    for (const [name, file] of Object.entries(content.resources[id] ?? {}))
      org.item(id).resources.set(name, { content: contentOf(file), access: 'inherit', created: 1 });
    org.editItem(id, { url: content.urls[id] ?? null });
  }
  org.replaceData(map, jsonContent({ a: 2 }));
  await world.backup();
  const keywords = all.map((id) => imageOf(org.item(id)).typeKeywords);
  for (const id of [map, ...all]) org.deleteItem(id);
  const { plan } = await world.restores().plan({ items: [map, ...all] });
  assert.deepEqual([plan.dangling, plan.order[0]], [[], map]);
  const { ids, outcome, items } = await world.restore({ items: [map, ...all] });
  assert.equal(outcome, 'complete', JSON.stringify(items));
  const made = all.map((id) => ids[id] ?? '');
  const wanted = fill(made, ids[map] ?? '');
  for (const [n, id] of made.entries()) {
    const item = org.item(id);
    const bytes = item.data?.bytes() ?? Buffer.of();
    if (n === 0) assert.deepEqual(await readZip(bytes), texts.survey(id, ids[map] ?? ''));
    else assert.equal(bytes.toString(), wanted.data[id]?.toString());
    for (const [name, file] of Object.entries(wanted.resources[id] ?? {}))
      assert.ok(item.resources.get(name)?.content.bytes().equals(file), name);
    assert.equal(item.record.url ?? undefined, wanted.urls[id]);
    assert.deepEqual(imageOf(item).typeKeywords, keywords[n]);
  }
});
