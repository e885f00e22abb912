import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { git } from '../git/stock-git.ts';
import { assertSameAsPortal, cloneArchive, sentences } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { counting } from '../support/stores/counting.ts';
import { VirtualClock } from '../support/clock.ts';
import { contentOf, fixture, type Content } from '../support/portal/content.ts';
import { Organization } from '../support/portal/organization.ts';

const resource = /GET .*\/resources\/.+/;

function story(resources: Record<string, Content>): { org: Organization; id: string } {
  const org = new Organization();
  const { record } = org.addItem({
    owner: 'backup',
    type: 'StoryMap',
    title: 'River',
    json: { root: 'n-1' },
    resources,
  });
  return { org, id: record.id };
}

test('250 resources of all pages and names are saved, each under a path that stays in the folder', async (t) => {
  const names = [
    '/etc/passwd',
    'a/b/c/d/e/f/g/h/i.png',
    'images/river.png',
    'images/RIVER.png',
    'images',
    'CON',
    'con.txt',
    '.git/config',
    'x'.repeat(300),
    'ün ïcode/ü?.json',
    'tab\tname',
    ...Array.from({ length: 239 }, (_, n) => `draft_${n}.json`),
  ];
  const { org, id } = story(Object.fromEntries(names.map((name) => [name, contentOf(`content of ${name}`)])));
  const { portal, run, store } = await newBackup(t, { org });
  assert.equal((await run()).outcome, 'complete');
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  const paths =
    archive.items
      .get(id)
      ?.manifest.parts.filter(({ role }) => role === 'resource')
      .map(({ path }) => path) ?? [];
  assert.ok(paths.every((path) => path.startsWith('resources/') && !path.includes('..')));
  assert.equal(new Set(paths.map((path) => path.toLowerCase())).size, names.length);
});

test('a resource whose name leads out of its item fails the item, and nothing else is asked for', async (t) => {
  const { org } = story({ '../../../community/self': contentOf('x') });
  const { portal, run } = await newBackup(t, { org });
  const { failures } = await run();
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['ITEM_DAMAGED'],
  );
  // At the sign-in, and before publishing.
  assert.equal(portal.log.count(/community\/self/), 2);
});

test('a private resource is saved and marked', async (t) => {
  const { org, id } = story({ 'secret.json': contentOf('{}') });
  const held = org.item(id).resources.get('secret.json');
  if (held) held.access = 'private';
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('a story that is only shared keeps its images without a download; one that is edited gets new ones', async (t) => {
  const { org, id } = story({ 'images/river.png': fixture('logo.png'), 'published_data.json': fixture('story.json') });
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  portal.log.clear();
  org.quietlyEdit(id, { access: 'org' });
  assert.equal((await run()).changed, 1);
  assert.equal(portal.log.count(resource), 0);
  org
    .item(id)
    .resources.set('images/new.png', { content: fixture('thumbnail.png'), access: 'inherit', created: org.tick() });
  org.item(id).resources.delete('images/river.png');
  org.editItem(id, {});
  await run();
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('a resource that changed in its place is found on the day of the recheck', async (t) => {
  const { org, id } = story({ 'a.json': contentOf('{"n":1}') });
  const { portal, run, store, clock } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '2' } });
  await run();
  org.item(id).resources.set('a.json', { content: contentOf('{"n":2}'), access: 'inherit', created: org.tick() });
  for (let day = 0; day < 2; day++) {
    clock.advance(86_400_000);
    await run();
  }
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('large files that are still the same are written nowhere when they are read again, so that they can become cold', async (t) => {
  const { org } = story({ 'images/river.png': contentOf('a river '.repeat(500)) });
  const flyer = org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { run, open } = await newBackup(t, { org, store, settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  await run();
  const large = () => Array.fromAsync(store.list('lfs/'), ({ name, etag }) => [name, etag]);
  const before = await large();
  assert.ok(before.length >= 2);
  const counted = counting(store);
  await open({ store: counted.store });
  org.editItem(flyer, {});
  const { outcome, changed } = await run({ force: true });
  assert.deepEqual([outcome, changed > 0], ['complete', true]);
  assert.deepEqual(await large(), before);
  const written = counted.requests.log.filter(
    ({ verb, name }) => /^put/.test(verb) && /^(lfs|ago-backup\/tmp)\//.test(name),
  );
  assert.deepEqual(written, []);
});

test('a list of resources that moves is read again, and is a gap when its total is never right', async (t) => {
  const { org } = story({ 'a.json': contentOf('{}') });
  const { portal, run } = await newBackup(t, { org });
  const fault = { match: /\/resources$/, answer: { edit: (page: Record<string, unknown>) => ({ ...page, total: 7 }) } };
  portal.faults.add(fault);
  assert.equal((await run()).outcome, 'complete');
  portal.faults.add({ ...fault, times: Infinity });
  assert.deepEqual(
    (await run({ force: true })).failures.map(({ code }) => code),
    ['COUNTS_MISMATCH'],
  );
});

test('a thumbnail that the record names and the portal has lost is a note, not a failure', async (t) => {
  const org = new Organization();
  const { record } = org.addItem({
    owner: 'backup',
    type: 'Web Map',
    title: 'Map',
    json: {},
    thumbnail: 'thumbnail/lost.png',
  });
  const { run, store } = await newBackup(t, { org });
  assert.equal((await run()).outcome, 'complete');
  const saved = (await cloneArchive(t, store)).items.get(record.id);
  assert.match(sentences(saved?.manifest), /does not have the thumbnail/);
});

test('a file that should have bytes and comes empty keeps its last version', async (t) => {
  const org = new Organization();
  const { record } = org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  portal.faults.add({
    match: /\/data$/,
    times: Infinity,
    answer: { status: 200, headers: { 'Content-Type': 'application/pdf' }, body: '' },
  });
  org.editItem(record.id, {});
  assert.deepEqual(
    (await run()).failures.map(({ code }) => code),
    ['ITEM_DAMAGED'],
  );
  assert.equal(
    (await cloneArchive(t, store)).items.get(record.id)?.manifest.parts.some(({ role }) => role === 'data'),
    true,
  );
});

test('rereading what did not change makes no commit, a hundred times', async (t) => {
  const org = new Organization();
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'], metadata: '<metadata/>' });
  const { record } = org.addItem({
    owner: 'backup',
    type: 'StoryMap',
    title: 'River',
    json: {},
    resources: { 'a.json': contentOf('{}') },
    infos: { 'thumbnail/x.png': fixture('thumbnail.png') },
  });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { run, clock } = await newBackup(t, { org, store, settings: { BACKUP_RECHECK_DAYS: '1' } });
  await run();
  for (let night = 0; night < 100; night++) {
    clock.advance(86_400_000);
    org.quietlyEdit(record.id, { numViews: night });
    const { commit, unchanged } = await run();
    assert.deepEqual([commit, unchanged], [null, 2]);
  }
});

test('a story of more pictures than the memory takes is saved alike, at once and picture by picture', async (t) => {
  const picture = (n: number) => contentOf(Buffer.alloc(1_000_000, n));
  const all = Object.fromEntries(Array.from({ length: 36 }, (_, n) => [`p${n}.bin`, picture(n)]));
  const { 'p0.bin': first, ...others } = all;
  const slow = story(others);
  const grown = await newBackup(t, { org: slow.org });
  await grown.run();
  // A refresh: the pictures of before are kept, and one more comes before them in the alphabet.
  slow.org.item(slow.id).resources.set('p0.bin', { content: first ?? picture(0), access: 'inherit', created: 1 });
  slow.org.quietlyEdit(slow.id, { access: 'org' });
  assert.equal((await grown.run()).changed, 1);
  const once = story(all);
  once.org.quietlyEdit(once.id, { access: 'org' });
  const whole = await newBackup(t, { org: once.org });
  await whole.run();
  const archive = await cloneArchive(t, whole.store);
  await assertSameAsPortal(archive, whole.portal);
  const kept = archive.items.get(once.id)?.manifest.parts.filter(({ role, lfs }) => role === 'resource' && !lfs);
  assert.equal(kept?.length, 33);
  const tree = (store: string) => git(store, 'rev-parse', 'main:content');
  assert.equal(await tree(grown.store), await tree(whole.store));
});

test('a thumbnail that is an SVG under another name is saved as it is, with a note, and makes no night partial', async (t) => {
  const org = new Organization();
  const svg = contentOf('<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml');
  const infos = { 'thumbnail/x.png': svg };
  const { record } = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: {}, infos });
  const { portal, run, store } = await newBackup(t, { org });
  const { outcome, gaps } = await run();
  assert.deepEqual([outcome, gaps], ['complete', 0]);
  const archive = await cloneArchive(t, store);
  const [odd] = archive.items.get(record.id)?.manifest.notes ?? [];
  assert.deepEqual([odd?.code, odd?.part], ['ODD_CONTENT', 'thumbnail.png']);
  await assertSameAsPortal(archive, portal);
  assert.equal((await run()).commit, null);
});
