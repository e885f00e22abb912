import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { jsonContent } from '../support/portal/content.ts';
import { Organization } from '../support/portal/organization.ts';
import { Caller, rest } from '../portal/caller.ts';

type Json = Record<string, unknown>;

const adminOf = (name: string) => `/arcgis/rest/admin/services/${name}/FeatureServer`;
const recipe = { viewLayerDefinition: { table: { sourceServiceName: 'Roads', sourceLayerId: 0 } } };

/** A service, a view of it, what it was published from, a group, and categories. */
function organization() {
  const org = new Organization();
  org.addMember('keeper', { role: 'org_admin' });
  org.addMember('ana');
  org.categories = [{ title: 'Water', categories: [{ title: 'Pipes' }] }];
  const folder = org.addFolder('ana', 'Streets').id;
  const infos = { 'publishParameters.json': jsonContent({ name: 'Roads' }) };
  const roads = org.addService({ owner: 'ana', folder, title: 'Roads', layers: ['Roads'], defined: true, infos });
  const definition = roads.service?.layers[0]?.definition ?? assert.fail();
  Object.assign(definition, {
    hasContingentValuesDefinition: true,
    contingentValues: { fieldGroups: [{ name: 'g' }] },
  });
  const file = org.addItem({ owner: 'ana', type: 'File Geodatabase', title: 'Roads', file: 'parcels.gdb.zip' });
  org.relate(roads.record.id, file.record.id, 'Service2Data');
  file.record['categories'] = ['/Categories/Water/Pipes'];
  const more = { typeKeywords: ['Hub'], properties: { a: 1 }, tags: ['crew'] };
  const group = org.addGroup('Crew', { owner: 'ana', more });
  org.share(file.record.id, group.id);
  return { org, folder, roads, file, group };
}

test('what only a restore needs is in the archive: recipes of views, ids of folders and groups, categories, relations', async (t) => {
  const { org, folder, roads, file, group } = organization();
  const { portal, run, store } = await newBackup(t, { org });
  const keeper = new Caller(portal, 'keeper');
  const parameters = { name: 'Roads_view', isView: true };
  const made = { createParameters: JSON.stringify(parameters), outputType: 'featureService', isView: 'true' };
  const view = String((await keeper.post(`${rest}/content/users/ana/createService`, made))['itemId']);
  const addToDefinition = JSON.stringify({ layers: [{ id: 0, name: 'Roads', adminLayerInfo: recipe }] });
  await keeper.post(`${adminOf('Roads_view')}/addToDefinition`, { addToDefinition });
  portal.log.clear();
  assert.equal((await run()).outcome, 'complete');
  assert.deepEqual(portal.writes(), []);
  const archive = await cloneArchive(t, store);
  const read = async (id: string, path: string): Promise<Json> => {
    const { path: at } = archive.items.get(id) ?? assert.fail(id);
    return JSON.parse(await readFile(join(archive.folder, at, path), 'utf8')) as Json;
  };
  const definition = await read(view, 'layers.json');
  assert.deepEqual(definition['adminLayers'], { 0: { adminLayerInfo: recipe } });
  assert.deepEqual((definition['admin'] as Json)['adminServiceInfo'], {
    name: 'Roads_view',
    type: 'FeatureServer',
    status: 'Started',
  });
  assert.equal(((definition['sources'] as Json)['services'] as Json[])[0]?.['serviceItemId'], roads.record.id);
  const { contingentValues } = await read(roads.record.id, 'layers.json');
  assert.deepEqual(contingentValues, { 0: { fieldGroups: [{ name: 'g' }] } });
  assert.deepEqual(await read(roads.record.id, 'info/publishParameters.json'), { name: 'Roads' });
  assert.equal((await read(roads.record.id, 'item.json'))['ownerFolder'], folder);
  assert.deepEqual(await read(file.record.id, 'sharing.json'), { access: 'shared', groups: [group.id] });
  const ends = [
    [roads.record.id, 'forward', file.record.id],
    [file.record.id, 'reverse', roads.record.id],
  ] as const;
  for (const [from, direction, to] of ends) {
    const relations = (await read(from, 'related.json')) as unknown as Json[];
    assert.deepEqual(
      relations.map((each) => [each['type'], each['direction'], each['itemId']]),
      [['Service2Data', direction, to]],
    );
  }
  const organizationFile = async (name: string) =>
    JSON.parse(await readFile(join(archive.folder, 'organization', name), 'utf8')) as Json;
  const { id, urlKey } = await organizationFile('portal.json');
  assert.deepEqual([id, urlKey], [org.id, org.urlKey]);
  const { id: groupId, typeKeywords, properties } = await organizationFile('groups/Crew.json');
  assert.deepEqual([groupId, typeKeywords, properties], [group.id, ['Hub'], { a: 1 }]);
  const [root] = (await organizationFile('categories.json')) as unknown as Json[];
  assert.deepEqual(root, {
    title: 'Categories',
    categories: [{ title: 'Water', categories: [{ title: 'Pipes', categories: [] }] }],
  });

  portal.log.clear();
  assert.equal((await run()).commit, null);
  assert.equal(portal.log.count(/categorySchema/), 0, 'a night without changes asks no more than before');

  // A portal that lets no backup read what is for administrators, and has no schema any more.
  org.categories = [];
  org.editItem(file.record.id, { snippet: 'new' });
  org.editSchema(view, 0);
  portal.faults.add({
    match: /\/rest\/admin\//,
    times: Infinity,
    answer: { error: { code: 403, message: 'Access denied' } },
  });
  assert.notEqual((await run()).outcome, 'failed');
  const after = await cloneArchive(t, store);
  const kept = JSON.parse(
    await readFile(join(after.folder, after.items.get(view)?.path ?? '', 'layers.json'), 'utf8'),
  ) as Json;
  assert.deepEqual(kept['adminLayers'], definition['adminLayers'], 'what was saved stays');
  assert.deepEqual(JSON.parse(await readFile(join(after.folder, 'organization/categories.json'), 'utf8')), []);
});
