import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonChanges } from '../../../lib/history/diff/json.ts';

const words = (before: unknown, after: unknown) =>
  jsonChanges(before, after).map(({ kind, path, before: old, after: now }) =>
    kind === 'changed' ? `${path}: ${JSON.stringify(old)} → ${JSON.stringify(now)}` : `${kind} ${path}`,
  );

test('a web map in which one color changed reads as that one place, although a layer came before it', () => {
  const layer = (id: string, title: string, color: number[]) => ({
    id,
    title,
    layerDefinition: { drawingInfo: { renderer: { symbol: { color } } } },
  });
  const before = { operationalLayers: [layer('a', 'Parcels', [0, 0, 0, 255])], version: '2.31' };
  const after = {
    version: '2.31',
    operationalLayers: [layer('b', 'Roads', [1, 1, 1, 1]), layer('a', 'Parcels', [255, 0, 0, 255])],
  };
  assert.deepEqual(words(before, after), [
    'added operationalLayers["Roads"]',
    'operationalLayers["Parcels"].layerDefinition.drawingInfo.renderer.symbol.color: [0,0,0,255] → [255,0,0,255]',
  ]);
});

test('members of arrays are known by what the portal knows them by, and a new order is said once', () => {
  for (const [before, after, wanted] of [
    [
      { fields: [{ name: 'A', length: 1 }] },
      { fields: [{ name: 'B' }, { name: 'A', length: 2 }] },
      ['added fields["B"]', 'fields["A"].length: 1 → 2'],
    ],
    [
      { codedValues: [{ code: 1, name: 'x' }] },
      { codedValues: [{ code: 1, name: 'y' }] },
      ['codedValues["y"].name: "x" → "y"'],
    ],
    [{ types: [{ id: 1, name: 'x' }] }, { types: [{ id: 1, name: 'y' }] }, ['types["y"].name: "x" → "y"']],
    [{ nodes: { 'n-1': { text: 'a' } } }, { nodes: { 'n-1': { text: 'b' } } }, ['nodes["n-1"].text: "a" → "b"']],
    [{ tags: ['a', 'b'] }, { tags: ['c', 'b'] }, ['added tags', 'removed tags']],
    [{ tags: ['a', 'b'] }, { tags: ['b', 'a'] }, ['moved tags']],
    [{ l: [{ id: 1 }, { id: 2 }] }, { l: [{ id: 2 }, { id: 1 }] }, ['moved l']],
    [
      {
        l: [
          { id: 1, title: 'T' },
          { id: 2, title: 'T' },
        ],
      },
      { l: [{ id: 1, title: 'T' }] },
      ['removed l["2"]'],
    ],
    [
      { features: [{ properties: { GlobalID: 'g', n: 1 } }] },
      { features: [{ id: 7, properties: { GlobalID: 'g', n: 2 } }] },
      ['added features["g"].id', 'features["g"].properties.n: 1 → 2'],
    ],
    [{ rings: [[[0, 1]]] }, { rings: [[[0, 2]]] }, ['rings: [[[0,1]]] → [[[0,2]]]']],
    [
      [{ a: 1 }, { a: 1 }],
      [{ a: 1 }, { a: 2 }, { b: 1 }],
      ['[1].a: 1 → 2', 'added [2]'],
    ],
    [{ __proto__x: 1, ['a b']: null }, { ['a b']: 0 }, ['["a b"]: null → 0', 'removed __proto__x']],
    [1, '1', [': 1 → "1"']],
  ] as const)
    assert.deepEqual(words(before, after), wanted);
});

test('two JSON values have no difference exactly when they are one', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.deepEqual(jsonChanges(a, JSON.parse(JSON.stringify(a))), []);
      const canonical = (value: unknown): unknown =>
        value !== null && typeof value === 'object' && !Array.isArray(value)
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([x], [y]) => (x < y ? -1 : 1))
                .map(([k, v]) => [k, canonical(v)]),
            )
          : Array.isArray(value)
            ? value.map(canonical)
            : value;
      const isOne = JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
      assert.equal(jsonChanges(canonical(a), canonical(b)).length === 0, isOne);
    }),
    { numRuns: 200 },
  );
});

test('what is large or nested without end is compared as well', () => {
  const row = (n: number, shift: number) => ({
    attributes: { OBJECTID: n, text: `row ${n} ${'x'.repeat(40)}` },
    geometry: { x: n + shift, y: n },
  });
  const [before, after] = [0, 1].map((shift) => ({
    features: Array.from({ length: 60_000 }, (_, n) => row(n * (1 + shift), shift)),
  }));
  assert.equal(jsonChanges(before, after).filter(({ kind }) => kind === 'changed').length, 30_000);
  const deep = (end: number) => JSON.parse(`${'['.repeat(3000)}${end}${']'.repeat(3000)}`) as unknown;
  assert.equal(jsonChanges(deep(1), deep(2)).length, 1);
});
