import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf } from '../../support/feature-files.ts';
import { portalPair } from '../../support/open-portal.ts';
import type { Layer, Row, Shape } from '../../support/portal/words.ts';

interface Document {
  geometryType?: string;
  spatialReference?: unknown;
  fields?: { name: string }[];
  features: { attributes: Record<string, unknown>; geometry: object }[];
}

/** What is read of a layer with such shapes. */
async function read(t: Parameters<typeof portalPair>[0], shape: Shape, geometry?: (n: number) => Row['geometry']) {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['X'], rows: 4 });
  const layer: Layer = service?.layers[0] ?? assert.fail();
  layer.shape = shape;
  if (geometry) for (const row of layer.rows) Object.assign(row, { geometry: geometry(row.id) });
  const [[path, bytes]] = [...(await filesOf(portal, record.id))] as [[string, Buffer]];
  return { path, document: JSON.parse(bytes.toString()) as Document };
}

for (const [name, shape, geometry] of [
  ['heights', { hasZ: true }, { x: 3, y: 3, z: 30 }],
  ['measures', { hasM: true }, { x: 3, y: 3, m: 300 }],
  ['heights and measures', { hasZ: true, hasM: true }, { x: 3, y: 3, z: 30, m: 300 }],
  ['a datum of their own', { wkid: 28992 }, { x: 3, y: 3 }],
] as [string, Shape, object][]) {
  test(`shapes with ${name} are saved as Esri JSON, which keeps them, with all values`, async (t) => {
    const { path, document } = await read(t, shape);
    assert.equal(path, 'features/0 X.json');
    assert.deepEqual(document.features[2]?.geometry, geometry);
    assert.deepEqual(document.spatialReference, { wkid: shape.wkid ?? 4326 });
    assert.equal(document.geometryType, 'esriGeometryPoint');
    assert.deepEqual(
      document.fields?.map((field) => field.name),
      ['OBJECTID', 'NAME', 'DAY'],
    );
    assert.deepEqual(document.features[1]?.attributes['NAME'], null);
    assert.equal(document.features.length, 4);
  });
}

test('true curves and triangles are saved as the service has them', async (t) => {
  const curve = (n: number) => ({
    curvePaths: [
      [
        [0, 0],
        {
          c: [
            [n, 0],
            [1, 1],
          ],
        },
      ],
    ],
    paths: [
      [
        [0, 0],
        [1, 1],
        [n, 0],
      ],
    ],
  });
  const curves = await read(t, { geometryType: 'esriGeometryPolyline', supportsTrueCurve: true }, curve);
  assert.deepEqual(curves.document.features[2]?.geometry, { curvePaths: curve(3).curvePaths });
  const faces = (n: number) => ({ multipatch: `faces ${n}` });
  const patches = await read(t, { geometryType: 'esriGeometryMultiPatch' }, faces);
  assert.deepEqual(patches.document.features[3]?.geometry, faces(4));
});

test('plain shapes are saved as GeoJSON, also those on the web map', async (t) => {
  for (const shape of [{}, { wkid: 102100 }, { geometryType: 'esriGeometryPolygon' }])
    assert.equal((await read(t, shape)).path, 'features/0 X.geojson');
});

test('a server that says it knows no GeoJSON is not asked for it', async (t) => {
  const { path, document } = await read(t, { supportedQueryFormats: 'JSON, AMF' });
  assert.equal(path, 'features/0 X.json');
  assert.deepEqual(document.features[0]?.geometry, { x: 1, y: 1 });
});
