import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { assertSameAsPortal, cloneArchive, type Held, readArchive, sentences } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { startHealthchecks } from '../../support/healthchecks.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { contentOf, fixture } from '../../support/portal/content.ts';
import type { FaultAnswer, Seen } from '../../support/portal/faults.ts';
import { Organization } from '../../support/portal/organization.ts';
import type { ItemRecord } from '../../support/portal/words.ts';

const png = 'thumbnail/form.png';

/** A form with every side part, beside the layer that it fills. */
function survey() {
  const org = new Organization();
  const layer = org.addService({ owner: 'backup', title: 'Answers', layers: ['A'] }).record;
  return { org, form: addSurvey(org, 'Survey', layer.id), layer };
}

function addSurvey(org: Organization, title: string, layerId: string): ItemRecord {
  const form = org.addItem({
    owner: 'backup',
    type: 'Form',
    title,
    file: 'form.zip',
    metadata: '<metadata/>',
    infos: { [png]: fixture('thumbnail.png'), 'form.json': contentOf('{"n":1}', 'application/json') },
    resources: { 'media/a.png': fixture('logo.png'), 'b.json': contentOf('{"n":1}') },
  }).record;
  org.relate(form.id, layerId, 'Survey2Service');
  return form;
}

const internal: FaultAnswer = { error: { code: 500, message: 'Internal error' } };

async function fileOf(archive: Held, id: string, name: string): Promise<string> {
  const { path } = archive.items.get(id) ?? assert.fail(id);
  return (await archive.read(`${path}/${name}`)).toString('latin1');
}

/** Which part cannot be had, how, under which code, and the file that stays as it was. */
const weather: [part: string, match: RegExp, answer: FaultAnswer, code: string, file?: string][] = [
  ['thumbnail.png', /info\/thumbnail/, { status: 500 }, 'PORTAL_UNREACHABLE'],
  ['thumbnail.png', /info\/thumbnail/, internal, 'PORTAL_ERROR'],
  ['thumbnail.png', /info\/thumbnail/, 'html', 'PORTAL_ANSWER'],
  ['info/form.json', /info\/form\.json/, { status: 503 }, 'PORTAL_UNREACHABLE'],
  ['info/form.json', /info\/form\.json/, { status: 200, body: '' }, 'ITEM_DAMAGED'],
  ['metadata.xml', /metadata\.xml/, { cutAfter: 3 }, 'PORTAL_UNREACHABLE'],
  ['metadata.xml', /metadata\.xml/, { error: { code: 400, message: 'Unable to complete operation.' } }, 'PORTAL_ERROR'],
  ['sharing.json', /users\/backup\/items\/[0-9a-f]{32}$/, internal, 'PORTAL_ERROR'],
  ['related.json', /relatedItems/, { status: 504 }, 'PORTAL_UNREACHABLE'],
  ['resources/media/a.png', /resources\/media\/a\.png/, '429', 'PORTAL_BUSY'],
  ['resources/media/a.png', /resources\/media\/a\.png/, 'half', 'ITEM_DAMAGED'],
  ['resources/media/a.png', /resources\/media\/a\.png/, { status: 200, body: '' }, 'ITEM_DAMAGED'],
  ['resources', /resources$/, { status: 500 }, 'PORTAL_UNREACHABLE', 'resources/b.json'],
];

const isBusy = (row: (typeof weather)[number]) => row[2] === '429';

test('a part that cannot be had keeps its version and is told as a gap, until it is had', (t) =>
  live(
    t,
    weather.filter((row) => !isBusy(row)),
  ));

// By itself: all lanes pause for it, and an item waits for its parts for some minutes only.
test('a part that the portal is too busy for, however often it is asked, is such a gap', (t) =>
  live(t, weather.filter(isBusy)));

async function live(t: TestContext, some: typeof weather): Promise<void> {
  const org = new Organization();
  const { record: layer } = org.addService({ owner: 'backup', title: 'Answers', layers: ['A'] });
  const rows = some.map(([part, match, answer, code, file = part], n) => {
    const { id } = addSurvey(org, `Survey ${n}`, layer.id);
    return { id, part, match, answer, code, file, what: `${part}: ${JSON.stringify(answer)}` };
  });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { portal, run, events } = await newBackup(t, { org, store });
  assert.equal((await run()).gaps, 0);
  const before = await readArchive(store);

  const gapsOf = (told: readonly { itemId?: string | null; code?: string; part?: string }[]) =>
    told.map(({ itemId, part, code }) => `${itemId} ${part ?? ''} ${code}`).sort();
  const expected = rows.map(({ id, part, code }) => ({ itemId: id, part, code }));
  for (const { id, match, answer } of rows) {
    org.editItem(id, { snippet: 'new' });
    const isMet = ({ path }: Seen) => path.includes(id) && match.test(path);
    portal.faults.add({ match: isMet, times: Infinity, answer });
  }
  const first = await run();
  assert.deepEqual([first.outcome, first.changed, first.failed, first.gaps], ['partial', rows.length, 0, rows.length]);
  assert.deepEqual(gapsOf(first.failures), gapsOf(expected));
  assert.deepEqual(
    gapsOf(events.filter(({ event }) => event === 'item.gap')),
    gapsOf(expected.map(({ itemId, code }) => ({ itemId, code }))),
  );
  const held = await readArchive(store);
  for (const { id, part, code, file, what } of rows) {
    assert.equal(await fileOf(held, id, file), await fileOf(before, id, file), what);
    assert.match(await fileOf(held, id, 'item.json'), /"snippet": "new"/, what);
    assert.deepEqual(held.items.get(id)?.manifest.gaps, [{ part, code }], what);
  }

  const second = await run();
  assert.deepEqual([second.outcome, second.commit, second.gaps], ['partial', null, rows.length], 'it is tried again');
  portal.faults.clear();
  const third = await run();
  assert.deepEqual([third.outcome, third.changed, third.gaps], ['complete', rows.length, 0]);
  const whole = await readArchive(store);
  for (const { id, what } of rows) assert.equal(whole.items.get(id)?.manifest.gaps, undefined, what);
  await assertSameAsPortal(whole, portal);
  assert.equal((await run()).commit, null);
}

test('an item without a version before is saved without the part, a gap that its commit, its ping and its record name', async (t) => {
  const { org, form } = survey();
  const pings = await startHealthchecks();
  t.after(() => pings.close());
  const { portal, run, store } = await newBackup(t, { org, settings: { HEALTHCHECKS_PING_URL: pings.url } });
  portal.faults.add({ match: /resources\/b\.json|relatedItems/, times: Infinity, answer: { status: 503 } });
  const record = await run();
  assert.deepEqual([record.outcome, record.added, record.failed, record.gaps], ['partial', 2, 0, 2]);
  const archive = await cloneArchive(t, store);
  const { manifest } = archive.items.get(form.id) ?? assert.fail();
  assert.deepEqual(
    manifest.gaps?.map(({ part }) => part),
    ['related.json', 'resources/b.json'],
  );
  assert.ok(manifest.parts.every(({ path }) => path !== 'resources/b.json' && path !== 'related.json'));
  assert.match(
    pings.heard.at(-1)?.body ?? '',
    /0 failed, 2 with gaps\n[^]*Survey \([^)]*\), resources\/b\.json: PORTAL_/,
  );
  portal.faults.clear();
  assert.equal((await run()).outcome, 'complete');
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('what the portal refuses stays with a note, and what it does not have goes; neither is a gap', async (t) => {
  const { org, form } = survey();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.editItem(form.id, {});
  const refusal = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  portal.faults.add({ match: /resources\/b\.json|relatedItems/, times: Infinity, answer: refusal });
  portal.faults.add({ match: /metadata\.xml/, times: Infinity, answer: { status: 404 } });
  portal.faults.add({
    match: /thumbnail/,
    times: Infinity,
    answer: { error: { code: 500, message: 'Item info file does not exist or is inaccessible.' } },
  });
  const { outcome, failures } = await run();
  assert.deepEqual([outcome, failures], ['complete', []]);
  const archive = await cloneArchive(t, store);
  const { manifest } = archive.items.get(form.id) ?? assert.fail();
  const paths = manifest.parts.map(({ path }) => path);
  assert.deepEqual(
    ['resources/b.json', 'related.json', 'metadata.xml', 'thumbnail.png'].map((path) => paths.includes(path)),
    [true, true, false, false],
  );
  for (const note of [/refuses resources\/b\.json/, /refuses related\.json/, /no metadata/, /not have the thumbnail/])
    assert.match(sentences(manifest), note);
  assert.equal((await run()).commit, null);
});

test('a kind of relationship that cannot be had stays as it was, beside the others as they are', async (t) => {
  const { org, form, layer } = survey();
  const { portal, run, store } = await newBackup(t, { org });
  const report = org.addItem({ owner: 'backup', type: 'Report Template', title: 'Report', data: 'x', name: 'r.docx' });
  await run();
  org.relate(form.id, report.record.id, 'Survey2Data');
  org.editItem(form.id, {});
  portal.faults.add({
    match: ({ path, query }) => path.endsWith('relatedItems') && query['relationshipType'] === 'Survey2Service',
    times: Infinity,
    answer: internal,
  });
  const { failures } = await run();
  assert.deepEqual(
    failures.map(({ part }) => part),
    ['related.json', 'related.json'].slice(0, failures.length),
  );
  const related = await fileOf(await cloneArchive(t, store), form.id, 'related.json');
  const ids = (JSON.parse(related) as { itemId: string }[]).map(({ itemId }) => itemId);
  assert.deepEqual(ids.sort(), [layer.id, report.record.id].sort());
});

test('the definition keeps what one of its answers lacks, and all of it when the service answers nothing', async (t) => {
  const { org, layer } = survey();
  const { portal, run, store } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '1' } });
  await run();
  const before = JSON.parse(await fileOf(await cloneArchive(t, store), layer.id, 'layers.json')) as { admin?: object };
  assert.ok(before.admin);
  for (const match of [/rest\/admin\/services/, /rest\/services\/Answers\/FeatureServer$/]) {
    org.editRows(layer.id, 0);
    const fault = portal.faults.add({ match, times: Infinity, answer: { status: 502 } });
    const { failures, changed } = await run();
    assert.deepEqual([changed, failures.map(({ part }) => part)], [1, ['layers.json']]);
    const now = JSON.parse(await fileOf(await cloneArchive(t, store), layer.id, 'layers.json')) as { admin?: object };
    assert.deepEqual(now.admin, before.admin);
    fault.remove();
  }
  assert.equal((await run()).outcome, 'complete');
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('after a night without the list of resources all are read again, also those of the same size', async (t) => {
  const { org, form } = survey();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.item(form.id).resources.set('b.json', { content: contentOf('{"n":2}'), access: 'inherit', created: org.tick() });
  org.editItem(form.id, {});
  portal.faults.add({ match: /resources$/, times: 5, answer: 'reset' });
  assert.equal((await run()).gaps, 1);
  assert.equal((await run()).outcome, 'complete');
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('an item of which nothing answers costs minutes, not an hour, and its parts all stay', async (t) => {
  const org = new Organization();
  const resources = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`p${n}.json`, contentOf(`${n}`)]));
  const { record } = org.addItem({ owner: 'backup', type: 'StoryMap', title: 'River', json: {}, resources });
  const { portal, run, store, clock } = await newBackup(t, { org });
  await run();
  org.editItem(record.id, {});
  portal.faults.add({ match: /resources\/p/, times: Infinity, answer: { status: 503 } });
  const begun = clock.now();
  const { failures } = await run();
  assert.equal(failures.length, 60);
  assert.ok(clock.now() - begun < 600_000, `${clock.now() - begun} ms`);
  portal.faults.clear();
  await run();
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});
