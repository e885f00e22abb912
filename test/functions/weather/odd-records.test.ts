import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { assertSameAsPortal, cloneArchive, readArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { contentOf } from '../../support/portal/content.ts';
import { Organization } from '../../support/portal/organization.ts';
import type { SimulatedPortal } from '../../support/portal/portal.ts';

type Json = Record<string, unknown>;

/** Shapes of a record that is still an item: each is saved. */
const odd: Record<string, (record: Json) => Json> = {
  'lies in a folder that is not listed': (record) => ({ ...record, ownerFolder: 'f'.repeat(32) }),
  'lies in a folder that is an object': (record) => ({ ...record, ownerFolder: { id: 'x' } }),
  'lies in a folder of slashes': (record) => ({ ...record, ownerFolder: '../..' }),
  'lies in a folder without letters': (record) => ({ ...record, ownerFolder: '' }),
  'was changed never': (record) => ({ ...record, modified: null }),
  'was changed at 0': (record) => ({ ...record, modified: 0 }),
  'was changed at a time in a text': (record) => ({ ...record, modified: String(record['modified']) }),
  'was changed on a date': (record) => ({ ...record, modified: '2026-11-28T02:00:00Z' }),
  'was changed yesterday': (record) => ({ ...record, modified: 'yesterday' }),
  'was changed in seconds': (record) => ({ ...record, modified: Math.floor(Number(record['modified']) / 1000) }),
  'does not say when it was changed': ({ modified: _, ...record }) => record,
  'was created never': (record) => ({ ...record, created: null }),
  'was created yesterday': (record) => ({ ...record, created: 'yesterday' }),
  'has a size in a text': (record) => ({ ...record, size: '-1' }),
  'has no size': (record) => ({ ...record, size: null }),
  'has a size in words': (record) => ({ ...record, size: 'large' }),
  'has a size that is an object': (record) => ({ ...record, size: { bytes: 1 } }),
  'has a number for a title': (record) => ({ ...record, title: 7 }),
  'has no title': (record) => ({ ...record, title: null }),
  'has an empty title': (record) => ({ ...record, title: '' }),
  'lacks its title': ({ title: _, ...record }) => record,
  'has a list for a title': (record) => ({ ...record, title: ['a', 'b'] }),
  'has an object for a title': (record) => ({ ...record, title: { toString: 'x', valueOf: null } }),
  'has a title of a hundred thousand letters': (record) => ({ ...record, title: 'ü'.repeat(100_000) }),
  'has its tags in one text': (record) => ({ ...record, tags: 'roads, 2026' }),
  'has no tags': (record) => ({ ...record, tags: null }),
  'has a tag that is null, and one that is a number': (record) => ({ ...record, tags: [null, 7, { a: 1 }, 'x'] }),
  'has no keywords': (record) => ({ ...record, typeKeywords: null }),
  'has one keyword': (record) => ({ ...record, typeKeywords: 'Map' }),
  'has no type': (record) => ({ ...record, type: null }),
  'has an empty type': (record) => ({ ...record, type: '' }),
  'has a type that nobody knows': (record) => ({ ...record, type: 'Thing of 2031' }),
  'has a number for a type': (record) => ({ ...record, type: 12 }),
  'spells its owner otherwise': (record) => ({ ...record, owner: 'ANA' }),
  'does not say who owns it': (record) => ({ ...record, owner: null }),
  'lacks its access': ({ access: _, ...record }) => record,
  'has an access that is a number': (record) => ({ ...record, access: 3 }),
  'has fields that nobody knows': (record) => ({ ...record, odd: 1, aiSummary: { a: [null, { b: null }] }, '': 0 }),
  'has nulls everywhere': (record) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, name === 'id' ? value : null])),
  'is nothing but an id': ({ id }) => ({ id }),
  'has a name that is a number': (record) => ({ ...record, name: 5, url: 5, thumbnail: 5 }),
};

/** An item for each shape, of one member, in one folder or outside. */
function withOddRecords(): { org: Organization; shapes: Map<string, (record: Json) => Json> } {
  const org = new Organization();
  org.addMember('ana');
  const folder = org.addFolder('ana', 'Maps').id;
  const shapes = new Map<string, (record: Json) => Json>();
  for (const [n, [title, change]] of Object.entries(odd).entries()) {
    const item = { owner: 'ana', type: 'Web Map', title, json: { title }, folder: n % 2 === 0 ? folder : null };
    shapes.set(org.addItem(item).record.id, change);
  }
  const { record } = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] });
  shapes.set(record.id, (each) => ({ ...each, typeKeywords: null }));
  return { org, shapes };
}

const listing = /\/content\/users\/ana(\/[0-9a-f]{32})?$/;
const ofItems = (change: (items: Json[]) => unknown[]) => ({
  match: listing,
  times: Infinity,
  answer: { edit: (page: Json) => ({ ...page, items: change(page['items'] as Json[]) }) },
});

const spoil = ({ faults }: SimulatedPortal, shapes: Map<string, (record: Json) => Json>) =>
  faults.add(ofItems((items) => items.map((each) => shapes.get(String(each['id']))?.(each) ?? each)));

test('whatever a record looks like that has an id, its item is saved, with a note, and the next run finds nothing new', async (t) => {
  const { org, shapes } = withOddRecords();
  const { portal, run, store } = await newBackup(t, { org });
  spoil(portal, shapes);
  const { outcome, failures } = await run();
  assert.deepEqual([outcome, failures], ['complete', []]);
  const archive = await cloneArchive(t, store);
  assert.deepEqual(
    [...org.items.values()]
      .filter(({ record, job }) => job === null && !archive.items.has(record.id))
      .map(({ record }) => record.title),
    [],
  );
  for (const [id, change] of shapes) {
    const { manifest, path } = archive.items.get(id) ?? assert.fail(id);
    const { title, type } = org.item(id).record;
    const data = manifest.parts.find(({ role }) => role === (type === 'Web Map' ? 'data' : 'export'));
    assert.ok(data, `${title} has its data`);
    if (type === 'Web Map')
      assert.equal((await archive.read(`${path}/${data.path}`)).toString(), `{"title":"${title}"}`);
    const saved = JSON.parse((await archive.read(`${path}/item.json`)).toString()) as Json;
    for (const [field, value] of Object.entries(change({ id, type, title })))
      if (field !== 'owner' && field !== 'modified')
        assert.deepEqual(
          saved[field] ?? null,
          value === '' && field === 'ownerFolder' ? null : value,
          `${field} of ${title}`,
        );
  }
  const notes = [...shapes.keys()].flatMap((id) => archive.items.get(id)?.manifest.notes ?? []);
  assert.ok(notes.filter((note) => /not as its documentation says/.test(JSON.stringify(note))).length > 20);
  assert.equal((await run()).commit, null);
  assert.deepEqual(
    (await readdir(join(archive.folder, 'content'))).filter((name) => name.toLowerCase() === 'ana'),
    ['ana'],
  );
  assert.equal((await run()).commit, null);

  const undated = [
    'was changed never',
    'was changed yesterday',
    'does not say when it was changed',
    'is nothing but an id',
  ];
  const ids = undated.map(
    (title) => [...org.items.values()].find(({ record }) => record.title === title)?.record.id ?? '',
  );
  for (const id of ids) org.replaceData(id, contentOf('{"edited":true}', 'application/json'));
  await run();
  const edited = await cloneArchive(t, store);
  for (const id of ids) {
    const { path = '', manifest } = edited.items.get(id) ?? {};
    const part = manifest?.parts.find(({ role }) => role === 'data')?.path;
    assert.equal(
      (await edited.read(`${path}/${part}`)).toString(),
      '{"edited":true}',
      'nothing but its data tells that it changed',
    );
  }
});

test('a layer whose keywords, and a file whose folder are not told for a night keep rows, metadata and place', async (t) => {
  const org = new Organization();
  org.addMember('ana');
  const folder = org.addFolder('ana', 'Maps').id;
  org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: {}, folder });
  org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] });
  org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf', metadata: '<metadata>1</metadata>' });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { portal, run } = await newBackup(t, { org, store });
  await run();
  const before = await readArchive(store);
  const fault = portal.faults.add(ofItems((items) => items.map((each) => ({ ...each, typeKeywords: null }))));
  const folders = portal.faults.add({
    match: listing,
    times: Infinity,
    answer: { edit: (page: Json) => ({ ...page, folders: null }) },
  });
  const { outcome, removed } = await run({ force: true });
  assert.deepEqual([outcome, removed], ['complete', 0]);
  const after = await readArchive(store);
  for (const [id, { path, manifest }] of before.items) {
    const now = after.items.get(id);
    assert.deepEqual(
      [now?.path, now?.manifest.parts.map((part) => part.path)],
      [path, manifest.parts.map((part) => part.path)],
    );
  }
  fault.remove();
  folders.remove();
  await run({ force: true });
  await assertSameAsPortal(await readArchive(store), portal);
});

/** Pages of which something is no item, twice there, or miscounted: each costs itself, and the proof that nothing else is there. */
const firstly = (entry: unknown) => (page: Json) => ({
  ...page,
  total: 3,
  items: [entry, ...(page['items'] as Json[])],
});
const pages: [what: string, code: string, page: (page: Json) => Json][] = [
  ['entry 1 is null', 'PORTAL_ANSWER', firstly(null)],
  ['entry 1 is the text "an item"', 'PORTAL_ANSWER', firstly('an item')],
  ['entry 1 is a number', 'PORTAL_ANSWER', firstly(7)],
  ['entry 1 is a list', 'PORTAL_ANSWER', firstly([{}])],
  ['entry 1 has no id that can be asked for (nothing)', 'PORTAL_ANSWER', firstly({})],
  ['entry 1 ("Roads") has no id', 'PORTAL_ANSWER', firstly({ id: null, title: 'Roads' })],
  ['entry 1 has no id that can be asked for (the text "../../HEAD")', 'PORTAL_ANSWER', firstly({ id: '../../HEAD' })],
  ['entry 1 has no id that can be asked for (the text "constructor")', 'PORTAL_ANSWER', firstly({ id: 'constructor' })],
  ['entry 1 has no id that can be asked for (an object)', 'PORTAL_ANSWER', firstly({ id: { toString: 1 } })],
  ['belongs to ben, and was not saved here', 'PORTAL_ANSWER', firstly({ id: 'e'.repeat(32), owner: 'ben' })],
  ['what should be a list of entries (folder) is none', 'PORTAL_ANSWER', (page) => ({ ...page, folders: { a: 1 } })],
  ['folder 1 of the list is null', 'PORTAL_ANSWER', (page) => ({ ...page, folders: [null] })],
  ['changed each time', 'LISTING_INCOMPLETE', (page) => firstly((page['items'] as Json[])[0])(page)],
  ['says that there are 3, and lists 2', 'COUNTS_MISMATCH', (page) => ({ ...page, total: Number(page['total']) + 1 })],
  ['says that there are 1, and lists 2', 'COUNTS_MISMATCH', (page) => ({ ...page, total: Number(page['total']) - 1 })],
  ['does not say how many', 'COUNTS_MISMATCH', (page) => ({ ...page, total: { n: 2 } })],
];

test('what is odd in the listing of a member costs itself only, is named, and removes nothing', async (t) => {
  const org = new Organization();
  const members = pages.map(([what, code, page], n) => {
    const owner = `member${n}`;
    org.addMember(owner);
    const item = (title: string) => org.addItem({ owner, type: 'Web Map', title, json: { title } }).record.id;
    return { owner, what, code, page, edited: item('North'), gone: item('South'), same: item('West') };
  });
  const settings = { BACKUP_PRUNE_LIMIT: '1' };
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { portal, run } = await newBackup(t, { org, store, settings });
  await run();
  for (const { owner, edited, gone, page } of members) {
    org.editItem(edited, { snippet: 'edited' });
    org.deleteItem(gone);
    portal.faults.add({ match: new RegExp(`/content/users/${owner}$`), times: Infinity, answer: { edit: page } });
  }
  const { outcome, changed, unchanged, removed, failures } = await run();
  assert.deepEqual([outcome, changed, unchanged, removed], ['partial', pages.length, pages.length, 0]);
  for (const { owner, what, code } of members) {
    const own = failures.filter((failure) => failure.owner === owner);
    assert.deepEqual(
      own.map((failure) => [failure.itemId, failure.code]),
      [[null, code]],
      what,
    );
    assert.ok(own[0]?.message.includes(what), own[0]?.message);
  }
  const { items } = await readArchive(store);
  for (const { what, edited, gone, same } of members)
    assert.deepEqual(
      [edited, gone, same].map((id) => items.has(id)),
      [true, true, true],
      what,
    );
  const again = await run();
  assert.deepEqual([again.commit, again.failures.length], [null, pages.length]);
  portal.faults.clear();
  assert.equal((await run()).removed, pages.length);
  await assertSameAsPortal(await readArchive(store), portal);
});

test('what was listed of a member before the portal gave no more is saved', async (t) => {
  const org = new Organization();
  org.addMember('ana');
  for (let n = 0; n < 6; n++) org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n } });
  const { portal, run } = await newBackup(t, { org, behaviour: { mostOnPage: 4 } });
  const error = { code: 500, message: 'Internal error' };
  portal.faults.add({
    match: ({ path, query }) => listing.test(path) && query['start'] === '5',
    times: Infinity,
    answer: { error },
  });
  const { outcome, added, failures } = await run();
  assert.deepEqual([outcome, added, failures.map(({ code }) => code)], ['partial', 4, ['PORTAL_ERROR']]);
});
