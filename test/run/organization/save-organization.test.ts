import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../../lib/errors.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { runBlobs } from '../../../lib/archive/runs/run-blobs.ts';
import { readAllJson, namesOf, writeJson } from '../../../lib/storage/json-blobs.ts';
import { organizationEdits, saveOrganization } from '../../../lib/run/organization/save-organization.ts';
import type { Deps } from '../../../lib/run/deps.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { portalPair } from '../../support/open-portal.ts';
import { fixture } from '../../support/portal/content.ts';
import { Organization } from '../../support/portal/organization.ts';

const refusal = { error: { code: 500, message: 'Internal error' } };

/** An archive in memory that is fed by runs of nothing but the organization. */
async function archive(t: TestContext, org: Organization, concurrency = 2) {
  const { sim, portal, clock } = await portalPair(t, { org });
  const store = new MemoryStore({ clock });
  let packs = 0;
  const repository = openRepository(store, { clock, random: () => String((packs += 1)).padStart(40, '0') });
  await repository.prepare();
  const parts = {
    store,
    repository,
    clock,
    rules: { concurrency },
    portal: () => Promise.resolve(portal),
  } as unknown as Deps;
  let runs = 0;
  const run = async () => {
    const runId = `run-${(runs += 1)}`;
    await writeJson(store, runBlobs(runId).membersText, '[{}]\n');
    await saveOrganization(parts, { runId, started: 0 });
    const base = await repository.head();
    const objects = repository.newObjects();
    const edits = await organizationEdits(parts, runId, base, objects);
    const blobs = [...objects].length;
    const tree = await repository.applyEdits(objects, base?.tree, edits);
    if (tree !== base?.tree) {
      await repository.publish({ base, tree, message: runId, timeMs: runs * 1000, objects, staged: [] });
    }
    const warned = await Array.fromAsync(
      readAllJson<string>(store, namesOf(store.list(runBlobs(runId).allWarned))),
      ({ value }) => value,
    );
    return { edits: edits.map(({ path, entry }) => (entry === null ? `- ${path}` : path)).sort(), blobs, warned };
  };
  const read = async (path: string) => {
    const head = await repository.head();
    const oid = head && (await repository.treeAt(head.tree, `organization/${path}`));
    return oid === undefined
      ? undefined
      : (JSON.parse((await repository.blob(oid)).toString()) as Record<string, unknown>);
  };
  return { sim, portal, run, read, parts };
}

const crew = () => {
  const org = new Organization();
  const group = org.addGroup('Crew', { owner: 'ana', members: new Set(['ben']) });
  org.addGroup('Council', { access: 'private' });
  return { org, group };
};

test('the picture of a group is asked for when the group is new or has changed, and goes with it', async (t) => {
  const { org, group } = crew();
  group.picture = fixture('thumbnail.png');
  group.more = { thumbnail: 'crew.png', modified: 1 };
  const { run, sim, parts } = await archive(t, org);
  const picture = async () => {
    const head = await parts.repository.head();
    const oid = head && (await parts.repository.treeAt(head.tree, 'organization/groups/Crew.png'));
    return oid === undefined ? undefined : parts.repository.blob(oid);
  };
  const asked = () => sim.log.count(/groups\/\w+\/info\/crew.png/);
  await run();
  assert.deepEqual([asked(), await picture()], [1, fixture('thumbnail.png').bytes()]);
  await run();
  group.members.add('cleo');
  await run();
  assert.equal(asked(), 1);
  group.picture = fixture('logo.png');
  group.more = { thumbnail: 'crew.png', modified: 2 };
  const fault = sim.faults.add({ match: /info\/crew.png/, times: Infinity, answer: { status: 500, body: 'x' } });
  const failed = await run();
  assert.deepEqual([failed.edits, await picture()], [[], fixture('thumbnail.png').bytes()]);
  fault.remove();
  assert.deepEqual((await run()).edits, ['organization/groups/Crew.json', 'organization/groups/Crew.png']);
  assert.deepEqual(await picture(), fixture('logo.png').bytes());
  org.groups.delete(group.id);
  assert.deepEqual((await run()).edits, ['- organization/groups/Crew.json', '- organization/groups/Crew.png']);
});

test('an organization that did not change gives no edit and no object; one share gives one file', async (t) => {
  const { org, group } = crew();
  const item = org.addItem({ owner: 'backup', type: 'Web Map', title: 'A', json: {} }).record.id;
  const { run, sim, read } = await archive(t, org);
  const all = ['groups/Council.json', 'groups/Crew.json', 'members.json', 'portal.json', 'roles.json'];
  const first = await run();
  assert.deepEqual(first, { edits: all.map((path) => `organization/${path}`), blobs: 5, warned: [] });
  sim.log.clear();
  assert.deepEqual(await run(), { edits: [], blobs: 0, warned: [] });
  // Description, roles, groups, and two for each group.
  assert.equal(sim.log.count(/sharing\/rest/), 3 + 2 * 2);
  org.share(item, group.id);
  assert.deepEqual((await run()).edits, ['organization/groups/Crew.json']);
  assert.deepEqual((await read('groups/Crew.json'))?.['items'], [item]);
});

test('each part that the portal refuses is a warning, and the archive keeps what it has of it', async (t) => {
  const { org } = crew();
  const { run, sim, read } = await archive(t, org);
  await run();
  for (const [match, part] of [
    [/portals\/self$/, 'The description'],
    [/portals\/self\/roles/, 'The list of roles'],
    [/community\/groups$/, 'The list of groups'],
  ] as const) {
    const fault = sim.faults.add({ match, times: Infinity, answer: refusal });
    const { edits, warned } = await run();
    assert.deepEqual([edits, warned.length], [[], 1]);
    assert.match(warned[0] ?? '', new RegExp(`PORTAL_ERROR: ${part}.*The archive keeps what it has\\.$`));
    fault.remove();
  }
  assert.ok(await read('groups/Council.json'));
});

test('a group that cannot be read keeps its file, also after it was renamed; the others go on', async (t) => {
  const { org, group } = crew();
  const { run, sim, read } = await archive(t, org);
  await run();
  const fault = sim.faults.add({ match: new RegExp(`${group.id}/users`), times: Infinity, answer: refusal });
  group.title = 'Field crew';
  for (const { title, members } of org.groups.values()) if (title === 'Council') members.add('zoe');
  const { edits, warned } = await run();
  assert.deepEqual(edits, ['organization/groups/Council.json']);
  assert.match(warned.join(), /^1 of 2 groups could not be read \(PORTAL_ERROR: .*keeps what it has of them\.$/);
  assert.deepEqual((await read('groups/Crew.json'))?.['members'], ['ben']);
  fault.remove();
  assert.deepEqual((await run()).edits, ['- organization/groups/Crew.json', 'organization/groups/Field crew.json']);
});

test('a group that the list leaves out stays as long as the portal knows it or may not tell, and goes when it is gone', async (t) => {
  const { org, group } = crew();
  const { run, sim, parts } = await archive(t, org);
  await run();
  const without = (page: Record<string, unknown>) => {
    const results = (page['results'] as { id: string }[]).filter(({ id }) => id !== group.id);
    return { ...page, results, total: results.length };
  };
  sim.faults.add({ match: /community\/groups$/, answer: { edit: without } });
  const lagging = await run();
  assert.deepEqual(lagging.edits, []);
  assert.match(lagging.warned.join(), new RegExp(`Group ${group.id} is in no list.*kept`));

  org.groups.delete(group.id);
  const lackingPrivilege = { ...(await parts.portal('')), identity: () => Promise.resolve(custom) };
  const seesLess = { ...parts, portal: () => Promise.resolve(lackingPrivilege) } as unknown as Deps;
  await saveOrganization(seesLess, { runId: 'less', started: 0 });
  const head = await parts.repository.head();
  assert.deepEqual(await organizationEdits(parts, 'less', head, parts.repository.newObjects()), []);

  assert.deepEqual(await run(), { edits: ['- organization/groups/Crew.json'], blobs: 0, warned: [] });
});

test('one odd entry in the list of groups costs that group only, and is named; its file stays', async (t) => {
  const { org, group } = crew();
  const { run, sim, read } = await archive(t, org);
  await run();
  for (const { members } of org.groups.values()) members.add('zoe');
  const entries: [unknown, RegExp][] = [
    [null, /entry \d is null/],
    ['Crew', /is the text "Crew"/],
    [{ title: 'Crew' }, /\("Crew"\) has no id/],
    [{ id: '../x' }, /has no id/],
  ];
  for (const [n, [entry, told]] of entries.entries()) {
    const odd = (page: Record<string, unknown>) => {
      const results = (page['results'] as { id: string }[]).map((each) => (each.id === group.id ? entry : each));
      return { ...page, results };
    };
    const fault = sim.faults.add({ match: /community\/groups$/, times: Infinity, answer: { edit: odd } });
    const { edits, warned } = await run();
    fault.remove();
    assert.deepEqual(edits, n === 0 ? ['organization/groups/Council.json'] : []);
    assert.match(warned.join(), told);
    assert.match(warned.join(), new RegExp(`Group ${group.id} is in no list, but the portal has it`));
  }
  assert.deepEqual((await read('groups/Crew.json'))?.['members'], ['ben']);
  const plain = (page: Record<string, unknown>) => ({
    ...page,
    total: String(page['total']),
    results: (page['results'] as object[]).map((each) => ({ ...each, created: 'yesterday', tags: 'a', isFav: null })),
  });
  sim.faults.add({ match: /community\/groups$/, times: Infinity, answer: { edit: plain } });
  const { warned } = await run();
  assert.deepEqual([warned, (await read('groups/Crew.json'))?.['members']], [[], ['ben', 'zoe']]);
});

const custom = { username: 'backup', isAdmin: false, privileges: ['portal:admin:viewUsers', 'portal:admin:viewItems'] };

test('a portal that forgets who asks takes no group away', async (t) => {
  const { org, group } = crew();
  const { run, sim, read } = await archive(t, org);
  await run();
  org.groups.delete(group.id);
  sim.faults.add({ match: /community\/self/, answer: { edit: () => ({}) } });
  const { edits, warned } = await run();
  assert.deepEqual(edits, []);
  assert.match(warned.join(), /AUTH_ANONYMOUS/);
  assert.ok(await read('groups/Crew.json'));
});

test('a portal that fails at every group is not asked for all of them', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 40; n++) org.addGroup(`Group ${n}`);
  const { run, sim } = await archive(t, org, 4);
  const fault = sim.faults.add({ match: /groups\/\w+\/users/, times: Infinity, answer: refusal });
  const { warned } = await run();
  assert.match(warned.join(), /^40 of 40 groups could not be read/);
  assert.ok(fault.hits < 20, `${fault.hits} requests`);
});

test('a store that fails is no warning: the step throws, so that it is tried again', async (t) => {
  const { org } = crew();
  const { parts } = await archive(t, org);
  const head = () => Promise.reject(new BackupError('STORE_UNREACHABLE', 'The store does not answer.'));
  const cut = { ...parts, repository: { head } } as unknown as Deps;
  await assert.rejects(saveOrganization(cut, { runId: 'x', started: 0 }), { code: 'STORE_UNREACHABLE' });
});

test('an execution that ends last, hours later, changes neither what the first has found nor what is told of it', async (t) => {
  const { sim, parts } = await archive(t, crew().org);
  const step = { runId: 'twice', started: 0 };
  const names = async () => Array.fromAsync(namesOf(parts.store.list(runBlobs('twice').allWarned)));
  const found = async () => (await parts.store.get(runBlobs('twice').organization))?.bytes.toString();
  await saveOrganization(parts, step);
  const first = await found();
  sim.faults.add({ match: /portals\/self\/roles/, times: Infinity, answer: refusal });
  sim.org.addGroup('Late', { owner: 'ana' });
  await saveOrganization(parts, step);
  assert.equal(await found(), first);
  assert.deepEqual(await names(), []);
});
