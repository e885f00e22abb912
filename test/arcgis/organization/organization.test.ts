import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Organization } from '../../support/portal/organization.ts';
import { portalPair } from '../../support/open-portal.ts';

function withGroups(count: number): Organization {
  const org = new Organization();
  for (let n = 0; n < count; n++) org.addGroup(`Group ${n}`, { access: n % 2 === 0 ? 'private' : 'org', owner: 'ana' });
  return org;
}

test('all of 230 groups are listed, private ones of others too, none of another organization', async (t) => {
  const { sim, portal } = await portalPair(t, { org: withGroups(230) });
  const foreign = (page: Record<string, unknown>) => {
    const [first, ...rest] = page['results'] as object[];
    return { ...page, results: [{ ...first, orgId: 'another' }, ...rest] };
  };
  assert.equal(new Set((await portal.groups(sim.org.id)).list.map(({ id }) => id)).size, 230);
  sim.faults.add({ match: /community\/groups$/, answer: { edit: foreign } });
  assert.equal((await portal.groups(sim.org.id)).list.length, 229);
});

test('a list of groups that moves is read again, and proves nothing when it never closes', async (t) => {
  const { sim, portal } = await portalPair(t, { org: withGroups(150) });
  const after = () => void sim.org.groups.delete([...sim.org.groups.keys()][0] ?? '');
  sim.faults.add({ match: /community\/groups$/, answer: { after } });
  assert.equal((await portal.groups(sim.org.id)).list.length, 149);
  const wrong = (page: Record<string, unknown>) => ({ ...page, total: Number(page['total']) + 1 });
  sim.faults.add({ match: /community\/groups$/, times: Infinity, answer: { edit: wrong } });
  const { list, lacking } = await portal.groups(sim.org.id);
  assert.deepEqual([list.length, lacking?.code], [149, 'COUNTS_MISMATCH']);
});

test('a group has its members and all of 120 items, and one item less is told', async (t) => {
  const org = new Organization();
  const { id } = org.addGroup('Crew', { owner: 'ana', members: new Set(['zoe', 'ben']) });
  for (let n = 0; n < 120; n++) {
    org.share(org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } }).record.id, id);
  }
  const { sim, portal } = await portalPair(t, { org });
  const { content, lacking } = await portal.group(id);
  const { owner, members, items } = content;
  assert.deepEqual([owner, members, lacking], ['ana', ['ben', 'zoe'], []]);
  assert.deepEqual(items, [...org.items.keys()].sort());
  const short = (page: Record<string, unknown>) => ({ ...page, items: (page['items'] as object[]).slice(1) });
  sim.faults.add({ match: /content\/groups/, times: Infinity, answer: { edit: short } });
  const found = await portal.group(id);
  assert.deepEqual([found.content.items.length, found.lacking.map(({ code }) => code)], [118, ['COUNTS_MISMATCH']]);
});

/** What is odd, in the list of which name at which address; what is read of it, and the words it is told with. */
const oddGroups: [name: 'items' | 'users' | 'admins', entry: unknown, told: RegExp][] = [
  ['items', null, /The content of group \w+: entry 1 is null/],
  ['items', 'map', /entry 1 is the text "map"/],
  ['items', { title: 'Map' }, /entry 1 \("Map"\) has no id that can be asked for/],
  ['users', null, /The members of group \w+: member 1 of the list is null/],
  ['users', {}, /member 1 of the list is an object/],
  ['users', ' ', /member 1 of the list is the text/],
  ['admins', [], /administrator 1 of the list is a list/],
];

test('one odd entry among the members or items of a group costs no other, and is told', async (t) => {
  const org = new Organization();
  const { id } = org.addGroup('Crew', { owner: 'ana', members: new Set(['ben']) });
  const item = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: {} }).record.id;
  org.share(item, id);
  const { sim, portal } = await portalPair(t, { org });
  const { content: whole } = await portal.group(id);
  for (const [name, entry, told] of oddGroups) {
    const edit = (page: Record<string, unknown>) => {
      const list = [entry, ...(page[name] as unknown[])];
      return { ...page, [name]: list, ...(name === 'items' && { total: list.length }) };
    };
    const match = name === 'items' ? /content\/groups/ : /groups\/\w+\/users/;
    const fault = sim.faults.add({ match, times: Infinity, answer: { edit } });
    const { content, lacking } = await portal.group(id);
    fault.remove();
    assert.deepEqual([content, lacking.map(({ code }) => code)], [whole, ['PORTAL_ANSWER']], String(told));
    assert.match(lacking[0]?.message ?? '', told);
  }
});

test('members that the portal does not tell are unknown, not none', async (t) => {
  const org = new Organization();
  const { id } = org.addGroup('Crew', { members: new Set(['ben']) });
  const { sim, portal } = await portalPair(t, { org });
  sim.faults.add({ match: /groups\/\w+\/users/, answer: { edit: ({ owner }) => ({ owner }) } });
  const { content, lacking } = await portal.group(id);
  assert.deepEqual([content.admins, content.members, lacking], [null, null, []]);
});

test('a group exists until the portal says otherwise; a failing portal says nothing', async (t) => {
  const org = withGroups(1);
  const { sim, portal } = await portalPair(t, { org });
  const [id = ''] = org.groups.keys();
  assert.equal(await portal.groupExists(id), true);
  assert.equal(await portal.groupExists('0'.repeat(32)), false);
  sim.faults.add({ match: /community\/groups/, answer: { error: { code: 500, message: 'Internal error' } } });
  await assert.rejects(portal.groupExists(id), { code: 'PORTAL_ERROR' });
});

test('the description that strangers get is not taken for that of the organization', async (t) => {
  const { sim, portal } = await portalPair(t);
  assert.equal((await portal.self()).id, sim.org.id);
  const stranger = { edit: () => ({ id: '0123456789ABCDEF', name: 'ArcGIS Online' }) };
  sim.faults.add({ match: /portals\/self$/, answer: stranger });
  await assert.rejects(portal.self(), { code: 'AUTH_ANONYMOUS' });
});

test('all of 130 roles are listed, page by page', async (t) => {
  const { sim, portal } = await portalPair(t);
  const all = Array.from({ length: 130 }, (_, n) => ({ id: `role${n}`, name: `Role ${n}` }));
  const page = (start: number) => ({
    edit: () => ({
      total: 130,
      start,
      num: 100,
      nextStart: start === 1 ? 101 : -1,
      roles: all.slice(start - 1, start + 99),
    }),
  });
  for (const start of [1, 101]) {
    sim.faults.add({
      match: ({ path, query }) => path.endsWith('/portals/self/roles') && query['start'] === String(start),
      answer: page(start),
    });
  }
  assert.deepEqual(await portal.roles(), { list: all, lacking: undefined });
});

test('one odd entry in the list of roles, or a total that is off, costs no other role, and is told', async (t) => {
  const { sim, portal } = await portalPair(t);
  const own = { id: 'editor', name: 'Editor' };
  const cases: [unknown[], total: unknown, code: string | undefined, told?: RegExp][] = [
    [[own, null], 2, 'PORTAL_ANSWER', /The list of roles: entry 2 is null/],
    [[{ name: 'Viewer' }, own], 2, 'PORTAL_ANSWER', /entry 1 \("Viewer"\) has no id/],
    [[own, own], 2, 'LISTING_INCOMPLETE', /entry 2 is there twice \(editor\)/],
    [[own], 2, 'COUNTS_MISMATCH', /says that there are 2, and lists 1/],
    [[own], 0, 'COUNTS_MISMATCH', /says that there are 0, and lists 1/],
    [[own], null, 'COUNTS_MISMATCH', /does not say how many/],
    [[own], '1', undefined],
  ];
  for (const [list, total, code, told] of cases) {
    const edit = () => ({ total, nextStart: -1, roles: list });
    const fault = sim.faults.add({ match: /self\/roles$/, times: Infinity, answer: { edit } });
    const found = await portal.roles();
    fault.remove();
    assert.deepEqual([found.list, found.lacking?.code], [[own], code]);
    if (told) assert.match(found.lacking?.message ?? '', told);
  }
});
