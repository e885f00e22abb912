import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionBytes } from '../../../lib/backup/layers/definition.ts';

const read = (value: object) => JSON.parse(definitionBytes(value).toString()) as unknown;

/** Keys that are the portal's own in some places, and a member's in all others. */
const members = {
  token: 'T-1',
  lastUpdated: 'May',
  lastModified: 3,
  adminToken: 'x',
  currentVersion: 2,
  editingInfo: {},
};

test('what members called token, lastUpdated or editingInfo stays in templates, domains, labels and descriptions', () => {
  const layer = {
    id: 0,
    templates: [{ name: 'Hydrant', prototype: { attributes: members } }],
    fields: [{ name: 'token', domain: { type: 'codedValue', codedValues: [{ name: 'a', code: 1, ...members }] } }],
    drawingInfo: { renderer: members },
    token: 'a key of the layer that no documentation knows',
  };
  const definition = {
    service: { serviceDescription: '', initialExtent: members, documentInfo: members, layers: [] },
    layers: { layers: [layer], tables: [layer], relationships: members },
    admin: { adminServiceInfo: members, layers: [layer] },
    sources: { services: [{ name: 'x', serviceItemId: 'y', ...members }] },
    contingentValues: { 0: { fieldGroups: [members] } },
  };
  assert.deepEqual(read(definition), JSON.parse(JSON.stringify(definition)));
});

test('what changes by itself, in its exact place, does not change layers.json', () => {
  const at = (n: number) => {
    const own = { currentVersion: n, editingInfo: { lastEditDate: n } };
    const service = {
      ...own,
      serviceItemId: 'a',
      changeTrackingInfo: { isSupported: true, lastSyncDate: n, layerServerGens: [n] },
    };
    return {
      service: {
        ...service,
        fullVersion: `12.${n}`,
        lastModified: n,
        lastUpdated: n,
        token: `t${n}`,
        layers: [{ id: 0 }],
      },
      layers: { layers: [{ id: 0, ...own, serverGens: { serverGen: n } }], tables: [{ id: 1, ...own }] },
      admin: { ...service, adminToken: `t${n}`, layers: [{ id: 0, ...own }] },
      sources: { currentVersion: n, services: [] },
      contingentValues: { 0: { currentVersion: n, fieldGroups: [] } },
    };
  };
  assert.deepEqual(definitionBytes(at(1)), definitionBytes(at(2)));
  assert.deepEqual(read({ service: at(1).service }), {
    service: { serviceItemId: 'a', changeTrackingInfo: { isSupported: true }, layers: [{ id: 0 }] },
  });
});
