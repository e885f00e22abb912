import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionDifferences } from '../../../lib/restore/layers/definition/compare.ts';
import { additions } from '../../../lib/restore/layers/definition/layer-body.ts';
import { createParameters } from '../../../lib/restore/layers/definition/new-service.ts';
import { settingsOf } from '../../../lib/restore/layers/definition/settings.ts';
import { unmoved } from '../../../lib/restore/layers/definition/shown.ts';
import { nextCalls } from '../../../lib/restore/layers/definition/next-calls.ts';
import { definitionIn, type ServiceDefinition } from '../../../lib/restore/layers/definition/service-definition.ts';

type Json = Record<string, unknown>;

const oid = { name: 'OBJECTID', type: 'esriFieldTypeOID' };
const street = { name: 'street', type: 'esriFieldTypeString', length: 40, alias: 'Street', nullable: true };

function service(layers: Json[], tables: Json[] = [], more: Json = {}): ServiceDefinition {
  const { service: own = {}, ...rest } = more;
  const found = definitionIn({ service: own, layers: { layers, tables }, ...rest });
  return found ?? assert.fail();
}

const layer = (id: number, more: Json = {}) => ({
  id,
  name: `Layer ${id}`,
  type: 'Feature Layer',
  fields: [oid, street],
  ...more,
});
const same = unmoved;
const callsFor = (saved: ServiceDefinition, living: ServiceDefinition) =>
  nextCalls({ saved, living, isEnterprise: false, sources: same }, () => false);

test('createParameters say what somebody defined, and leave out what the service makes itself', () => {
  const own = {
    ...{ currentVersion: 12, serviceItemId: 'x', size: 1, fullExtent: {}, hasViews: true, adminServiceInfo: {} },
    ...{ layers: [], tables: [], supportsAppend: true, supportedQueryFormats: 'JSON', initialExtent: null },
    ...{ capabilities: 'Query,Sync', editorTrackingInfo: { enableEditorTracking: true }, serviceDescription: 'Ours' },
    ...{ maxRecordCount: 2000, spatialReference: { wkid: 3857 }, copyrightText: 'City' },
  };
  const saved = service([layer(0)], [], { service: own });
  const asked = { name: 'Roads', mark: 'restore-1', isEnterprise: false };
  assert.deepEqual(createParameters(saved, asked), {
    ...{ maxRecordCount: 2000, spatialReference: { wkid: 3857 }, copyrightText: 'City' },
    ...{ name: 'Roads', serviceDescription: 'restore-1', preserveLayerIds: true },
    capabilities: 'Create,Delete,Query,Update,Editing',
  });
  assert.deepEqual(settingsOf(saved, false), {
    ...{ maxRecordCount: 2000, copyrightText: 'City' },
    serviceDescription: 'Ours',
    capabilities: 'Query,Sync',
    editorTrackingInfo: { enableEditorTracking: true },
  });
});

test('a view is made with what only a view has, and an Enterprise portal hears only of what it knows', () => {
  const own = { isView: true, isUpdatableView: true, capabilities: 'Query,ChangeTracking,Extract', maxRecordCount: 9 };
  const saved = service([layer(0)], [], { service: own });
  assert.deepEqual(createParameters(saved, { name: 'V', mark: 'm', isEnterprise: true }), {
    ...{ name: 'V', serviceDescription: 'm', isUpdatableView: true, isView: true, capabilities: 'Query' },
  });
  assert.equal(settingsOf(saved, true)['capabilities'], 'Query,Extract');
});

test('layers come before tables, twenty at a time, without what joins them and what the server makes', () => {
  const relationships = [{ id: 0, name: 'r', role: 'esriRelRoleOrigin', keyField: 'street' }];
  const all = Array.from({ length: 21 }, (_, id) => layer(id + 3));
  const first = layer(1, {
    ...{ relationships, subtypeField: 'street', timeInfo: {}, editingInfo: {}, supportsTruncate: true },
    ...{
      hasViews: true,
      multiScaleGeometryInfo: { levels: [1] },
      advancedQueryCapabilities: {},
      capabilities: 'Query',
    },
    indexes: [
      { name: 'PK', fields: 'OBJECTID', isUnique: true },
      { name: 'Shape_sidx', fields: 'Shape' },
      { name: 'one', fields: 'STREET', isUnique: false },
      { name: 'two', fields: 'street', isUnique: false },
    ],
  });
  const saved = service([...all, first], [layer(2, { type: 'Table' })]);
  const bodies = additions(saved, saved.layers, false, same) as { layers: Json[]; tables: Json[] }[];
  assert.deepEqual(
    bodies.map(({ layers, tables }) => [layers.length, tables.map((each) => each['id'])]),
    [
      [20, []],
      [2, [2]],
    ],
  );
  assert.deepEqual(bodies[0]?.layers[0], {
    ...{ id: 1, name: 'Layer 1', type: 'Feature Layer', fields: [oid, street] },
    indexes: [{ name: 'one', fields: 'STREET', isUnique: true }],
  });
});

test('fields that the portal fills can be written until it does so again', () => {
  const creator = { name: 'Creator', type: 'esriFieldTypeString', editable: false };
  const saved = service([layer(0, { fields: [oid, creator], editFieldsInfo: { creatorField: 'Creator' } })]);
  const [body] = additions(saved, saved.layers, false, same) as { layers: { fields: Json[] }[] }[];
  assert.deepEqual(body?.layers[0]?.fields[1], { ...creator, editable: true });
});

const recipe = (sourceServiceName: string, sourceLayerId: number, more: Json = {}) => ({
  xssTrustedFields: '',
  tableName: 'x',
  geometryField: { name: 'Old.Shape' },
  viewLayerDefinition: {
    ...{ sourceServiceName, sourceLayerId, sourceLayerFields: '*', sourceId: 'a' },
    table: { name: 'Target_table', sourceServiceName, sourceLayerId, sourceLayerFields: [{ name: 'street' }], ...more },
  },
});

test('a layer of a view is made by its recipe, with the name that its source has now, also where that is told of the layer alone', () => {
  const related = [{ name: 'Joined', sourceServiceName: 'Old_2', sourceLayerId: 1, sourceId: 'b' }];
  const view = layer(0, { definitionQuery: 'a=1', viewDefinitionQuery: 'a=1', drawingInfo: { renderer: {} } });
  const adminLayerInfo = recipe('Old', 3, { relatedTables: related });
  const names = (name: string) => ({
    ...unmoved(name),
    name: { Old: 'New', Old_2: 'New_2' }[name] ?? assert.fail(),
    layers: new Map(name === 'Old_2' ? [[1, 5]] : []),
  });
  for (const told of [{ admin: { layers: [{ id: 0, adminLayerInfo }] } }, { adminLayers: { 0: { adminLayerInfo } } }]) {
    const saved = service([view], [], { service: { isView: true }, ...told });
    assert.deepEqual(additions(saved, saved.layers, false, names), [
      {
        layers: [
          {
            ...{ id: 0, name: 'Layer 0', type: 'Feature Layer', drawingInfo: { renderer: {} } },
            viewDefinitionQuery: 'a=1',
            adminLayerInfo: {
              geometryField: { name: 'Target_table.Shape' },
              viewLayerDefinition: {
                ...{ sourceServiceName: 'New', sourceLayerId: 3, sourceLayerFields: '*' },
                table: {
                  ...{ name: 'Target_table', sourceServiceName: 'New', sourceLayerId: 3 },
                  sourceLayerFields: [{ name: 'street' }],
                  relatedTables: [{ name: 'Joined', sourceServiceName: 'New_2', sourceLayerId: 5 }],
                },
              },
            },
          },
        ],
        tables: [],
      },
    ]);
  }
});

test('a view of several services, or of one layer twice, is made layer by layer', () => {
  const layers = [1, 0].map((id) => ({ id, adminLayerInfo: recipe('Old', 3) }));
  const twice = service([layer(1), layer(0)], [], { service: { isView: true }, admin: { layers } });
  const isMulti = { service: { isView: true, isMultiServicesView: true } };
  const several = service([layer(1), layer(0)], [], isMulti);
  for (const saved of [twice, several]) {
    const bodies = additions(saved, saved.layers, false, same) as { layers: Json[] }[];
    assert.deepEqual(
      bodies.map(({ layers: some }) => some.map(({ id }) => id)),
      [[0], [1]],
    );
  }
});

const joined = { id: 0, name: 'has', role: 'esriRelRoleOrigin', relatedTableId: 1, keyField: 'street' };
const whole = service(
  [
    layer(0, {
      ...{ relationships: [joined], subtypeField: 'street', defaultSubtypeCode: 1, subtypes: [{ code: 1 }] },
      ...{ drawingInfo: { renderer: { type: 'simple' } }, viewDefinitionQuery: '' },
    }),
  ],
  [layer(1, { relationships: [{ ...joined, role: 'esriRelRoleDestination', relatedTableId: 0 }] })],
  { contingentValues: { 0: { stringDicts: ['a'], contingentValuesDefinition: { layerID: 0, fieldGroups: [1] } } } },
);
const withParts = (n: number) => {
  const {
    relationships: _,
    subtypeField,
    defaultSubtypeCode,
    subtypes,
    drawingInfo: __,
    ...bare
  } = whole.layers[0]?.json ?? { relationships: [] };
  const own = n > 0 ? { subtypeField, defaultSubtypeCode, subtypes } : {};
  const related = n > 1 ? { relationships: [joined] } : {};
  const other = n > 1 ? (whole.layers[1]?.json ?? {}) : layer(1);
  const more = n > 2 ? { contingentValues: { 0: whole.contingentValues['0'] } } : {};
  return service([{ ...bare, ...own, ...related }], [other], more);
};

for (const [what, living, calls] of [
  ['one without layers gets these', service([]), [[null, 'addToDefinition', ['layers', 'tables']]]],
  [
    'then its subtypes, one after the other',
    withParts(0),
    [
      [0, 'updateDefinition', ['subtypeField']],
      [0, 'updateDefinition', ['defaultSubtypeCode']],
      [0, 'addToDefinition', ['subtypes']],
    ],
  ],
  ['then all relationships at once', withParts(1), [[null, 'addToDefinition', ['layers', 'tables']]]],
  ['then contingent values', withParts(2), [[0, 'addToDefinition', ['contingentValuesDefinition']]]],
  ['then what is said of each', withParts(3), [[0, 'updateDefinition', ['drawingInfo']]]],
  ['and nothing when it is as it was', whole, []],
] as const)
  test(`a service is made in the order that keeps it whole: ${what}`, () => {
    assert.deepEqual(
      callsFor(whole, living).map(({ layerId, verb, body }) => [layerId, verb, Object.keys(body)]),
      calls,
    );
  });

test('relationships come in one call, each with its layer; contingent values as the portal takes them', () => {
  assert.deepEqual(callsFor(whole, withParts(1))[0]?.body, {
    layers: [{ id: 0, name: 'Layer 0', relationships: [joined] }],
    tables: [{ id: 1, name: 'Layer 1', relationships: whole.layers[1]?.json['relationships'] }],
  });
  assert.deepEqual(callsFor(whole, withParts(2))[0]?.body, {
    contingentValuesDefinition: { fieldGroups: [1], stringDicts: ['a'] },
  });
});

test('a view shows the fields that it showed, and its filter is that of its version, also none', () => {
  const view = (more: Json) => service([layer(0, more)], [], { service: { isView: true } });
  const parcel = { name: 'parcel', type: 'esriFieldTypeString' };
  const saved = view({ viewDefinitionQuery: 'lanes > 1' });
  const living = view({ fields: [oid, parcel], viewDefinitionQuery: 'lanes > 2' });
  const [call] = callsFor(saved, living);
  assert.deepEqual(call?.body, {
    viewDefinitionQuery: 'lanes > 1',
    fields: [
      { name: 'street', visible: true },
      { name: 'parcel', visible: false },
    ],
  });
  assert.deepEqual(callsFor(view({}), saved)[0]?.body, { viewDefinitionQuery: '' });
  assert.deepEqual(
    definitionDifferences(saved, living).map(({ what }) => what),
    ['Layer 0: field street is not there', 'Layer 0: field parcel is shown', 'Layer 0: viewDefinitionQuery'],
  );
});

for (const [what, saved, living, differences] of [
  ['a default that the portal adds', {}, { minScale: 0, description: '', templates: [{}] }, []],
  ['what is nothing on both sides', { minScale: 0, hasZ: false, description: null }, {}, []],
  ['another renderer', { drawingInfo: { renderer: 1 } }, { drawingInfo: { renderer: 2 } }, ['drawingInfo']],
  ['a field of another length', {}, { fields: [oid, { ...street, length: 9 }] }, ['field street (length)']],
  ['a field that may be empty', { fields: [{ ...street, nullable: false }] }, {}, ['field street (nullable)']],
  ['one that is written small', { fields: [{ ...street, name: 'STREET' }] }, {}, []],
  ['one besides', {}, { fields: [oid, street, { name: 'new' }] }, []],
  ['a name', {}, { name: 'Other' }, ['is called Other']],
  ['a number', {}, { id: 7 }, ['has number 7, not 0']],
  ['heights', { hasZ: false }, { hasZ: true }, ['hasZ']],
  ['a unique index', { indexes: [{ fields: 'street', isUnique: true }] }, {}, ['unique index of street']],
  [
    'other fields of editing',
    { editFieldsInfo: { a: 'E' } },
    { editFieldsInfo: { a: 'E_1' } },
    ['fields that tell who edited'],
  ],
  ['an extent', { extent: { xmin: 1 } }, { extent: { xmin: 2 } }, []],
] as [string, Json, Json, string[]][])
  test(`of a layer, ${what}: ${differences.join(', ') || 'no difference'}`, () => {
    const found = definitionDifferences(service([layer(0, saved)]), service([layer(0, living)]));
    assert.deepEqual(
      found.map((each) => each.what),
      differences.map((each) => `Layer 0: ${each}`),
    );
  });

test('what the portal says in its own way is told, and is no difference', () => {
  const found = definitionDifferences(service([layer(0, { tileMaxRecordCount: 1 })]), service([layer(0)]));
  assert.deepEqual(found, [{ what: 'Layer 0: tileMaxRecordCount', equivalent: true }]);
});

test('two layers of one name are two, whatever is there of them', () => {
  const saved = service([layer(0, { name: 'A' }), layer(1, { name: 'A' })]);
  const living = service([layer(0, { name: 'A' })]);
  const { layers } = callsFor(saved, living)[0]?.body as { layers: Json[] };
  assert.deepEqual(
    layers.map(({ id }) => id),
    [1],
  );
});
