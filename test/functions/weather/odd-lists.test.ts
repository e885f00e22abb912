import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { assertSameAsPortal, readArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { contentOf } from '../../support/portal/content.ts';
import { Organization } from '../../support/portal/organization.ts';

type Json = Record<string, unknown>;

/** A form in two groups, with two resources and two relations; a view of a layer with attachments; a role. */
function organization() {
  const org = new Organization();
  const layer = org.addService({ owner: 'backup', title: 'Answers', layers: ['A'] });
  const other = org.addService({ owner: 'backup', title: 'Others', layers: ['A'] });
  const view = org.addService({ owner: 'backup', title: 'View', layers: ['A'], viewOf: layer.record.id });
  const files = view.service?.layers[0]?.rows[0]?.attachments ?? assert.fail();
  for (const id of [1, 2]) files.push({ id, name: `${id}.txt`, content: contentOf(`of ${id}`) });
  const resources = { 'a.json': contentOf('{"n":1}'), 'b.json': contentOf('{"n":1}') };
  const form = org.addItem({ owner: 'backup', type: 'Form', title: 'Survey', file: 'form.zip', resources }).record;
  const groups = ['Crew', 'Council'].map((title) => org.addGroup(title, { members: new Set(['ana', 'ben']) }));
  for (const { id } of groups) org.share(form.id, id);
  for (const { record } of [layer, other]) org.relate(form.id, record.id, 'Survey2Service');
  return { org, form, view: view.record };
}

/** Of a list the last entry is another thing: the one that the archive must go on having. */
const spoil = (name: string) => (page: Json) => ({
  ...page,
  [name]: (page[name] as unknown[]).map((entry, n, all) => (n === all.length - 1 ? null : entry)),
});

test('one odd entry in any list of an organization or an item costs nothing else, removes nothing, is told, and heals', async (t) => {
  const { org, form, view } = organization();
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { portal, run } = await newBackup(t, { org, store });
  const roles = {
    total: 2,
    nextStart: -1,
    roles: [
      { id: 'a', name: 'A' },
      { id: 'b', name: 'B' },
    ],
  };
  portal.faults.add({ match: /self\/roles$/, answer: { edit: () => roles } });
  assert.equal((await run()).outcome, 'complete');
  const before = await readArchive(store);
  const names = before.items.get(view.id)?.manifest.parts.map(({ path }) => path);
  assert.ok(names?.includes('features/attachments/0/1/2 2.txt'), String(names));

  org.editItem(form.id, { snippet: 'new' });
  org.editRows(view.id, 0);
  form.title = 'Survey of 2026';
  for (const { members } of org.groups.values()) {
    members.add('anna');
  }
  const resource = org.item(form.id).resources.get('a.json') ?? assert.fail();
  resource.content = contentOf('{"n":2}');
  const odd: [match: RegExp, edit: (page: Json) => Json][] = [
    [/self\/roles$/, () => spoil('roles')({ ...roles, roles: [{ id: 'a', name: 'A of today' }, { id: 'b' }] })],
    [/groups\/\w+\/users$/, spoil('users')],
    [/content\/groups\/\w+$/, spoil('items')],
    [/items\/\w+\/resources$/, spoil('resources')],
    [/relatedItems$/, spoil('relatedItems')],
    [/users\/backup\/items\/\w+$/, (page) => ({ ...page, sharing: spoil('groups')(page['sharing'] as Json) })],
    [/\/1\/attachments$/, spoil('attachmentInfos')],
  ];
  const faults = odd.map(([match, edit]) => portal.faults.add({ match, times: Infinity, answer: { edit } }));
  portal.faults.add({
    match: /queryAttachments$/,
    times: Infinity,
    answer: { error: { code: 400, message: 'Invalid' } },
  });
  const second = await run();
  for (const [n, fault] of faults.entries()) assert.ok(fault.hits > 0, String(odd[n]?.[0]));
  assert.deepEqual([second.outcome, second.failed, second.removed], ['partial', 0, 0], JSON.stringify(second));
  assert.deepEqual(
    second.failures.map(({ part, code }) => `${part}: ${code}`).sort(),
    ['features/attachments/0/1', 'related.json', 'resources', 'sharing.json'].map((part) => `${part}: PORTAL_ANSWER`),
  );
  const told = second.warnings.join('\n');
  assert.match(told, /The list of roles: entry 2 is null/);
  assert.match(told, /2 of 2 groups could be read in part only \(PORTAL_ANSWER: The members of group/);

  const now = await readArchive(store);
  const text = async (path: string) => (await now.read(path)).toString();
  const json = async (path: string) => JSON.parse(await text(path)) as Json;
  const folder = now.items.get(form.id)?.path ?? '';
  assert.match(await text(`${folder}/resources/a.json`), /"n":2/, 'what the list has is new');
  assert.match(await text(`${folder}/resources/b.json`), /"n":1/, 'what it has not stays');
  assert.equal(((await json(`${folder}/sharing.json`))['groups'] as []).length, 2);
  assert.equal((JSON.parse(await text(`${folder}/related.json`)) as []).length, 2);
  const crew = await json('organization/groups/Crew.json');
  assert.deepEqual([crew['members'], crew['items']], [['ana', 'anna', 'ben'], [form.id]]);
  assert.match(await text('organization/roles.json'), /"A of today"[^]*"b"/);
  assert.equal(await text(`${now.items.get(view.id)?.path}/features/attachments/0/1/2 2.txt`), 'of 2');

  portal.faults.clear();
  const third = await run();
  assert.deepEqual([third.outcome, third.gaps], ['complete', 0], JSON.stringify(third.failures));
  await assertSameAsPortal(await readArchive(store), portal);
});
