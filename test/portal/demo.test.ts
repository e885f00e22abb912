import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoChanges, demoOrganization, largeOrganization } from '../support/demo-organization.ts';
import type { Organization } from '../support/portal/organization.ts';
import { openCallers, rest } from './caller.ts';

/** Everything that an organization holds, as one text. */
function textOf(org: Organization): string {
  const items = [...org.items.values()].map(({ record, data, metadata, resources, service }) => [
    record,
    data?.sha256(),
    metadata?.sha256(),
    [...resources.keys()],
    service,
  ]);
  return JSON.stringify([items, [...org.folders], [...org.accounts.values()], [...org.groups.keys()]]);
}

test('the demo is alike each time, to the last byte, also after a day of changes', () => {
  const [one, two] = [demoOrganization(), demoOrganization()];
  assert.equal(textOf(one), textOf(two));
  for (const org of [one, two]) demoChanges(org);
  assert.equal(textOf(one), textOf(two));
});

test('the demo has all that trips up a backup', () => {
  const org = demoOrganization();
  const items = [...org.items.values()];
  const has = (what: string, met: (item: (typeof items)[0]) => boolean) => assert.ok(items.some(met), what);
  has('a disabled owner', ({ record }) => org.accounts.get(record.owner)?.disabled === true);
  has('no title', ({ record }) => record.title === null);
  has('a path as title', ({ record }) => record.title?.includes('../') === true);
  has('left out by tag', ({ record }) => record.tags.includes('ago_view'));
  has('code', ({ record }) => record.type === 'Code Attachment');
  has('resources', ({ resources }) => resources.size > 1);
  has('metadata', ({ metadata }) => metadata !== null);
  has('a thumbnail', ({ infos }) => infos.size > 0);
  has('no file', ({ data, missing }) => data === null && missing === 'noFile');
  has('tables only', ({ service }) => service?.layers.length === 0 && service.tables.length > 0);
  has('a view', ({ service }) => typeof service?.viewOf === 'string');
  has('not hosted, elsewhere', ({ service, record }) => !service?.hosted && record.url?.includes('{foreign}') === true);
  has(
    'in a folder None',
    ({ record }) => org.folders.get(record.owner)?.find(({ id }) => id === record.ownerFolder)?.title === 'None',
  );
  const places = items.map(({ record: { owner, ownerFolder, type, title } }) =>
    [owner, ownerFolder, type, title].join(),
  );
  assert.ok(new Set(places).size < places.length, 'twins');
  assert.ok([...org.accounts.values()].some(({ system }) => system));
});

test('a day brings one new item, one gone, one moved without a trace in its time, and edits', () => {
  const org = demoOrganization();
  const before = new Map([...org.items].map(([id, { record, data }]) => [id, { ...record, etag: data?.etag }]));
  demoChanges(org);
  const gone = [...before.keys()].filter((id) => !org.items.has(id));
  const added = [...org.items.keys()].filter((id) => !before.has(id));
  const kept = [...org.items.values()].filter(({ record }) => before.has(record.id));
  const moved = kept.filter(({ record }) => record.ownerFolder !== before.get(record.id)?.ownerFolder);
  const edited = kept.filter(({ record }) => record.modified !== before.get(record.id)?.modified);
  const bytes = kept.filter(({ record, data }) => data?.etag !== before.get(record.id)?.etag);
  assert.deepEqual([gone.length, added.length, moved.length, edited.length, bytes.length], [1, 1, 1, 3, 2]);
  assert.ok(!edited.some((item) => moved.includes(item)));
});

test('a large organization deals items out evenly, and puts more into one folder if asked', async (t) => {
  const org = largeOrganization({ members: 131, items: 300, services: 10, inFolder: 490 });
  const { admin } = await openCallers(t, { org });
  const count = async (path: string) => (await admin.read(`${rest}/content/users/${path}`)).items.length;
  assert.deepEqual([await count('member0000'), await count('member0130')], [4, 2]);
  const folder = org.folders.get('member0000')?.[0]?.id ?? assert.fail();
  assert.equal(await count(`member0000/${folder}`), 490);
  assert.deepEqual([org.items.size, org.services.size], [790, 10]);
});
