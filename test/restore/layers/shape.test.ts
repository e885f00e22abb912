import assert from 'node:assert/strict';
import { test } from 'node:test';
import { esriShape, isSamePlace } from '../../../lib/restore/layers/rows/shape.ts';

const spatialReference = { wkid: 4326 };
const ring = [
  [0, 0],
  [0, 1],
  [1, 1],
  [0, 0],
];

for (const [name, shape, esri] of [
  ['a point of GeoJSON', { type: 'Point', coordinates: [1, 2] }, { x: 1, y: 2 }],
  ['a hole', { type: 'Polygon', coordinates: [ring.toReversed(), ring] }, { rings: [ring, ring.toReversed()] }],
  ["a point in Esri's JSON, which an older backup took for GeoJSON", { x: 1, y: 2 }, { x: 1, y: 2 }],
  ['lines likewise', { paths: [ring] }, { paths: [ring] }],
] as const)
  test(`${name} goes back in its place`, () => {
    assert.deepEqual(esriShape(shape), { ...esri, spatialReference });
    assert.equal(isSamePlace(shape, { ...esri, spatialReference }), true);
    assert.equal(isSamePlace(shape, null), false);
  });

test('a row without a shape, or with an empty one, has none', () => {
  assert.equal(esriShape(null), undefined);
  assert.equal(esriShape({ type: 'Point', coordinates: [] }), undefined);
});

test('a shape that nobody knows is not dropped silently', () => {
  for (const shape of [{ type: 'GeometryCollection', geometries: [] }, { type: 'Circle', coordinates: [1, 2] }, {}])
    assert.throws(() => esriShape(shape), { code: 'RESTORE_DAMAGED' });
});
