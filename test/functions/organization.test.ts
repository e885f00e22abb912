import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cloneArchive } from '../support/archive.ts';
import type { LogEntry } from '../support/portal/log.ts';
import { newBackup } from '../support/backup.ts';
import { demoOrganization } from '../support/demo-organization.ts';
import { Organization } from '../support/portal/organization.ts';

async function filesOf(folder: string): Promise<Map<string, unknown>> {
  const root = join(folder, 'organization');
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(root, name), 'utf8')));
  return new Map(names.map((name, n) => [name, JSON.parse(texts[n] ?? '') as unknown]));
}

test('who was there and what was shared with whom is in the archive', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: demoOrganization() });
  await run();
  const files = await filesOf((await cloneArchive(t, store)).folder);
  assert.deepEqual(
    [...files.keys()],
    ['groups/Council.json', 'groups/Field crew.json', 'members.json', 'portal.json', 'roles.json'],
  );
  const crew = files.get('groups/Field crew.json') as { owner: string; members: string[]; items: string[] };
  const group = [...portal.org.groups.values()].find(({ title }) => title === 'Field crew');
  assert.deepEqual([crew.owner, crew.members, crew.items], ['ana', ['ben', 'chloe'], [...(group?.items ?? [])].sort()]);
  const members = files.get('members.json') as { username: string; role: string; disabled: boolean }[];
  assert.deepEqual(
    members.map(({ username }) => username),
    [...members.map(({ username }) => username)].sort(),
  );
  assert.equal(members.find(({ username }) => username === 'zoe')?.disabled, true);
  assert.ok(members.every((member) => !('lastLogin' in member) && !('storageUsage' in member)));
  const self = files.get('portal.json') as Record<string, unknown>;
  assert.deepEqual([self['name'], 'user' in self, 'currentVersion' in self], ['City of Ann Example', false, false]);
});

test('signing in and looking at things changes nothing; a new role, a new group and a share do', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: demoOrganization() });
  await run();
  const ana = portal.org.accounts.get('ana') ?? assert.fail();
  ana.lastLogin = 1_900_000_000_000;
  assert.equal((await run()).commit, null);
  ana.role = 'org_admin';
  const { commit, changed } = await run();
  assert.ok(commit);
  assert.equal(changed, 0);
  portal.org.addGroup('Field crew', { owner: 'ben' });
  await run();
  const { folder, log } = await cloneArchive(t, store);
  assert.equal([...(await filesOf(folder)).keys()].filter((name) => /Field crew \([0-9a-f]{8}\)/.test(name)).length, 1);
  assert.equal(log.length, 3);
});

test('a group that is gone goes; groups that cannot be listed stay, and the run says so', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: demoOrganization() });
  await run();
  for (const [id, { title }] of portal.org.groups) if (title === 'Council') portal.org.groups.delete(id);
  const refusal = { error: { code: 500, message: 'Internal error' } };
  const fault = portal.faults.add({ match: /community\/groups/, times: Infinity, answer: refusal });
  const { outcome, warnings } = await run();
  assert.equal(outcome, 'partial');
  assert.match(warnings.join(), /PORTAL_ERROR: The list of groups.*keeps what it has/);
  assert.ok((await filesOf((await cloneArchive(t, store)).folder)).has('groups/Council.json'));
  fault.remove();
  await run();
  assert.ok(!(await filesOf((await cloneArchive(t, store)).folder)).has('groups/Council.json'));
});

test('a run that is asked for one member leaves the organization alone', async (t) => {
  const org = new Organization();
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'A', json: {} });
  const { portal, run } = await newBackup(t, { org });
  await run({ users: ['backup'] });
  const isOfAll = ({ path, query }: LogEntry) => /community\/groups/.test(path) && !query['q']?.startsWith('title:');
  assert.equal(portal.log.count(isOfAll), 0);
});

test('a search of groups that is answered as to a stranger keeps all groups, and the run is not complete', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: demoOrganization() });
  await run();
  const asToStrangers = (page: Record<string, unknown>) => {
    const results = (page['results'] as { access: string }[]).filter(({ access }) => access === 'public');
    return { ...page, results, total: results.length };
  };
  const denied = { error: { code: 499, messageCode: 'GWM_0003', message: 'Token Required' } };
  const refused = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  for (const [match, answer, outcome] of [
    [/community\/groups$/, { edit: asToStrangers }, 'partial'],
    [/community\/groups$/, denied, 'partial'],
    // What this account may not see is no news of any night.
    [/community\/groups$/, refused, 'complete'],
    [/portals\/self\/roles$/, denied, 'partial'],
    // Nor is what this portal does not have.
    [/portals\/self\/roles$/, { status: 404 }, 'complete'],
    [/portals\/self\/roles$/, { error: { code: 404, message: 'Not found' } }, 'complete'],
    [/portals\/self\/roles$/, { status: 403, body: '<html></html>' }, 'complete'],
    [/portals\/self\/roles$/, { status: 500 }, 'partial'],
    [/portals\/self$/, { status: 404 }, 'partial'],
    [/community\/groups\/\w+\/users$/, denied, 'partial'],
    [/community\/groups\/\w+\/users$/, refused, 'complete'],
  ] as const) {
    const fault = portal.faults.add({ match, times: Infinity, answer });
    const record = await run();
    assert.deepEqual([record.outcome, record.commit], [outcome, null], JSON.stringify(record));
    assert.match(record.warnings.join(), /kept|keeps what it has/);
    fault.remove();
  }
  assert.equal((await run()).outcome, 'complete');
  assert.ok((await filesOf((await cloneArchive(t, store)).folder)).has('groups/Council.json'));
});
