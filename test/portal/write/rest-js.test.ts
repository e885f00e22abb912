import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArcGISIdentityManager, request } from '@esri/arcgis-rest-request';
import * as portalCalls from '@esri/arcgis-rest-portal';
import { openKeepers, rest } from '../caller.ts';

test("Esri's own client finds every address that it knows, and understands the answers", async (t) => {
  const { org, portal } = await openKeepers(t);
  const url = portal.url + rest;
  const authentication = await ArcGISIdentityManager.signIn({
    ...{ username: 'keeper', password: 'keeper-password', portal: url },
  });
  const who = { authentication, owner: 'keeper', portal: url };
  const fields = { title: 'Plan', type: 'Web Map', tags: ['a', 'b'], owner: 'keeper' };
  const { id } = await portalCalls.createItemInFolder({ ...who, item: fields, text: '{"a":1}' });
  await portalCalls.updateItem({ ...who, item: { id, snippet: 'short', properties: { a: 1 } } });
  const { folder } = await portalCalls.createFolder({ ...who, title: 'Maps' });
  await portalCalls.moveItem({ ...who, itemId: id, folderId: folder.id });
  await portalCalls.addItemResource({ ...who, id, content: '{}', name: 'x.json' });
  await portalCalls.addItemRelationship({
    ...who,
    ...{ originItemId: id, destinationItemId: id, relationshipType: 'Map2AppConfig' },
  });
  await portalCalls.createGroup({ ...who, group: { title: 'Crew', access: 'org', tags: ['t'] } });
  const [group = assert.fail()] = org.groups.values();
  await portalCalls.updateGroup({ ...who, group: { id: group.id, description: 'd' } });
  const { notAdded } = await portalCalls.addGroupUsers({ ...who, id: group.id, users: ['ana', 'nobody'] });
  await portalCalls.shareItemWithGroup({ ...who, id, groupId: group.id });
  await portalCalls.setItemAccess({ ...who, id, access: 'org' });
  await portalCalls.protectItem({ ...who, id });
  const { record, resources, groups, relations } = org.item(id);
  const { snippet, ownerFolder, access } = record;
  assert.deepEqual([snippet, ownerFolder, access, record.protected], ['short', folder.id, 'org', true]);
  assert.deepEqual([[...resources.keys()], [...groups], relations.length], [['x.json'], [group.id], 2]);
  assert.deepEqual([notAdded, group.more?.['description']], [['nobody'], 'd']);
  await portalCalls.unprotectItem({ ...who, id });
  await portalCalls.reassignItem({
    authentication,
    id,
    currentOwner: 'keeper',
    targetUsername: 'ana',
    targetFolderName: '/',
  });
  await portalCalls.removeItem({ ...who, owner: 'ana', id });
  assert.deepEqual([record.owner, org.item(id).recycled], ['ana', true]);
  const params = { createParameters: { name: 'Roads' }, outputType: 'featureService' };
  await request(`${url}/content/users/keeper/createService`, { authentication, params });
  assert.ok(org.services.has('Roads'));
});
