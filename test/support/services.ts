import assert from 'node:assert/strict';
import { Caller } from '../portal/caller.ts';
import { attributesOf } from './portal/table.ts';
import type { Layer, Service } from './portal/words.ts';
import type { World } from './restore.ts';

/** Services that were made through the portal's API, as those of our days were. */

type Json = Record<string, unknown>;

const content = '/sharing/rest/content/users/ana';
const adminOf = (name: string) => `/arcgis/rest/admin/services/${name}/FeatureServer`;

async function make({ portal, org }: World, name: string, more: Json, definition: Json): Promise<string> {
  const keeper = new Caller(portal, 'keeper');
  if (!org.accounts.has('ana')) org.addMember('ana');
  const createParameters = JSON.stringify({
    name,
    capabilities: 'Query,Create,Update,Delete,Editing,Extract',
    ...more,
  });
  const isView = more['isView'] === true && { isView: 'true' };
  const form = { createParameters, outputType: 'featureService', ...isView };
  const { itemId } = await keeper.post<{ itemId: string }>(`${content}/createService`, form);
  const addToDefinition = JSON.stringify(definition);
  assert.deepEqual(await keeper.post(`${adminOf(name)}/addToDefinition`, { addToDefinition }), { success: true });
  return itemId;
}

const oid = { name: 'OBJECTID', type: 'esriFieldTypeOID', alias: 'OBJECTID' };
const globalId = { name: 'GlobalID', type: 'esriFieldTypeGlobalID', alias: 'GlobalID' };
const domain = {
  type: 'codedValue',
  name: 'lanes',
  codedValues: [
    { name: 'one', code: 1 },
    { name: 'two', code: 2 },
  ],
};
const joined = { name: 'has', cardinality: 'esriRelCardinalityOneToMany', keyField: 'GlobalID', composite: true };

/** Roads (3) with notes (7) that belong to them, domains, subtypes, symbols, a template, contingent values, tracking. */
export function addRoads(world: World, name = 'Roads'): Promise<string> {
  const roads = {
    ...{ id: 3, name: 'Roads', type: 'Feature Layer', geometryType: 'esriGeometryPoint', displayField: 'street' },
    fields: [
      oid,
      globalId,
      { name: 'street', type: 'esriFieldTypeString', alias: 'Street', length: 40, nullable: true },
      { name: 'lanes', type: 'esriFieldTypeInteger', alias: 'Lanes', domain },
      { name: 'kind', type: 'esriFieldTypeInteger', alias: 'Kind' },
    ],
    ...{ subtypeField: 'kind', defaultSubtypeCode: 1, subtypes: [{ code: 1, name: 'paved' }] },
    ...{ hasAttachments: true, drawingInfo: { renderer: { type: 'simple', symbol: { color: [1, 2, 3, 255] } } } },
    templates: [{ name: 'New road', prototype: { attributes: { lanes: 2 } } }],
    relationships: [{ ...joined, id: 0, relatedTableId: 7, role: 'esriRelRoleOrigin' }],
    indexes: [{ name: 'by_street', fields: 'street', isUnique: false }],
    ...{ contingentValues: { contingentValuesDefinition: { fieldGroups: [1] } }, hasContingentValuesDefinition: true },
  };
  const notes = {
    ...{ id: 7, name: 'Notes', type: 'Table' },
    fields: [oid, globalId, { name: 'road', type: 'esriFieldTypeGUID', alias: 'Road' }],
    relationships: [{ ...joined, keyField: 'road', id: 0, relatedTableId: 3, role: 'esriRelRoleDestination' }],
  };
  const more = { spatialReference: { wkid: 4326 }, maxRecordCount: 2000, serviceDescription: 'All roads' };
  return make(world, name, more, { layers: [roads], tables: [notes] });
}

/** Rows under the global ids that they bring: roads with a file each, and notes that belong to them. */
export async function fillRoads({ portal, org }: World, name = 'Roads', count = 4): Promise<void> {
  const keeper = new Caller(portal, 'keeper');
  const own = `/arcgis/rest/services/${name}/FeatureServer`;
  const numbers = Array.from({ length: count }, (_, n) => n + 1);
  const idOf = (n: number, kind: string) => `{${String(n).padStart(8, '0')}-${kind}-4000-8000-00000000000A}`;
  const roads = numbers.map((n) => ({
    attributes: { GlobalID: idOf(n, 'AAAA'), street: n === 1 ? null : `Street ${n}`, lanes: (n % 2) + 1, kind: 1 },
    geometry: { x: n, y: n / 4 },
  }));
  const notes = numbers.map((n) => ({ attributes: { GlobalID: idOf(n, 'BBBB'), road: idOf(n, 'AAAA') } }));
  for (const [id, rows] of [[3, roads] as const, [7, notes] as const]) {
    const form = { adds: JSON.stringify(rows), useGlobalIds: 'true' };
    const { addResults } = await keeper.post<{ addResults: { success: boolean }[] }>(`${own}/${id}/applyEdits`, form);
    assert.ok(
      addResults.every(({ success }) => success),
      JSON.stringify(addResults),
    );
  }
  for (const { id } of layerOf(org.services.get(name) ?? assert.fail(), 3).rows)
    await keeper.send(`${own}/3/${id}/addAttachment`, {
      attachment: { name: `photo ${id}.txt`, bytes: `photo ${id}` },
    });
}

/** A view of one layer: some fields, and the rows that meet a condition. */
export function addView(world: World, name: string, source: string, more: Json = {}): Promise<string> {
  const table = {
    name: 'Source',
    sourceServiceName: source,
    sourceLayerId: 3,
    sourceLayerFields: [{ name: 'street' }],
  };
  const layer = {
    ...{ id: 3, name: 'Wide roads', type: 'Feature Layer', viewDefinitionQuery: 'lanes > 1' },
    drawingInfo: { renderer: { type: 'simple', symbol: { color: [9, 9, 9, 255] } } },
    adminLayerInfo: { viewLayerDefinition: { sourceServiceName: source, sourceLayerId: 3, table } },
    ...more,
  };
  const parameters = { isView: true, spatialReference: { wkid: 4326 }, capabilities: 'Query' };
  return make(world, name, parameters, { layers: [layer], tables: [] });
}

/** All that the portal tells of a service and its rows to an administrator, without ids and dates of its own. */
export async function serviceImageOf({ portal, org }: World, id: string) {
  const keeper = new Caller(portal, 'keeper');
  const { name, layers, tables } = org.item(id).service ?? assert.fail();
  const own = `/arcgis/rest/services/${name}/FeatureServer`;
  const { layers: _, tables: __, serviceItemId: ___, ...service } = await keeper.read(adminOf(name));
  const all = [];
  for (const layer of [...layers, ...tables]) {
    const { editingInfo, serviceItemId, ...json } = await keeper.read(`${adminOf(name)}/${layer.id}`);
    const contingent = await keeper.read(`${own}/${layer.id}/contingentValues`);
    assert.deepEqual([typeof editingInfo, serviceItemId], ['object', id]);
    const files = (attachments: Layer['rows'][number]['attachments']) =>
      attachments.map((file) => [file.name, file.content.sha256()]);
    const rows = layer.rows.map((row) => {
      const { OBJECTID: _, ...values } = attributesOf(layer, row);
      return [values, row.geometry ?? null, files(row.attachments)];
    });
    all.push({ json, contingent, rows });
  }
  return { service, layers: all, sources: await keeper.read(`${own}/sources`) };
}

/** A layer of a service by its number. */
export function layerOf({ layers, tables }: Service, id: number): Layer {
  return [...layers, ...tables].find((each) => each.id === id) ?? assert.fail(`no layer ${id}`);
}
