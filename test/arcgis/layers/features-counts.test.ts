import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { LayerRows } from '../../../lib/arcgis/layers/features.ts';
import { describeLayer } from '../../support/feature-files.ts';
import { bytesOf, portalPair } from '../../support/open-portal.ts';
import type { Fault } from '../../support/portal/faults.ts';
import {
  countLies,
  idsAreCut,
  idsAreNamed,
  idsAreOne,
  pagesAreSilent,
  pagesDouble,
  pagesLack,
  valuesOf,
} from '../../support/portal/row-faults.ts';

/** A layer of eight rows on a server that does such things. */
async function layerWith(t: TestContext, faults: readonly Fault[], words: Record<string, unknown> = {}) {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['A'], rows: 8 });
  describeLayer(sim, words);
  for (const fault of faults) sim.faults.add(fault);
  const layers = await portal.features((await portal.item(record.id)) ?? assert.fail());
  return { sim, layer: layers[0] ?? assert.fail(), rows: service?.layers[0]?.rows ?? assert.fail() };
}

/** The names of its rows, as they were written down. */
async function namesOf(layer: LayerRows): Promise<unknown[]> {
  for await (const file of layer.files(layer.form)) {
    assert.ok('open' in file);
    const text = (await bytesOf((await file.open()).body)).toString();
    return (JSON.parse(text) as { features: { properties: { NAME: unknown } }[] }).features.map(
      ({ properties }) => properties.NAME,
    );
  }
  return assert.fail('no rows');
}

const withoutIds = { objectIdField: null, fields: [{ name: 'NAME', type: 'esriFieldTypeString' }] };

const whole: [name: string, faults: Fault[], words: Record<string, unknown>, note: RegExp][] = [
  ['a count that is too high', [countLies(2)], {}, /"A": the service counts 10 and gives 8, the same ones/],
  ['a count that is too low', [countLies(-3)], {}, /"A": the service counts 5 and gives 8, the same ones/],
  ['a list of ids that is cut without a word', [idsAreCut(3, false)], {}, /^$/],
  ['a list of ids that says that it is cut', [idsAreCut(3, true)], {}, /^$/],
  ['pages in which every row comes twice', [pagesDouble()], {}, /^$/],
  ['pages that do not say that they are cut', [pagesAreSilent()], { maxRecordCount: 2000 }, /^$/],
  ['pages of one row that are said to have a thousand', [], { maxRecordCount: 1000 }, /^$/],
  ['a page size that is said to be 0', [], { maxRecordCount: 0 }, /^$/],
  ['object ids in small letters', [idsAreNamed('objectid')], {}, /^$/],
  ['rows that lack the object id that is listed', [idsAreNamed(undefined)], {}, /have no object id/],
  ['no ids at all for the rows that it counts', [idsAreCut(0, false)], {}, /have no object id/],
  ['one id for all rows', [idsAreOne()], {}, /have no object id/],
  ['rows without ids, on pages that do not say that they are cut', [pagesAreSilent()], withoutIds, /have no object id/],
  ['rows without ids, of which it counts fewer', [countLies(-2)], withoutIds, /the service counts 6 and gives 8/],
  ['rows without ids, of which it counts more', [countLies(1)], withoutIds, /the service counts 9 and gives 8/],
];
for (const [name, faults, words, note] of whole) {
  test(`${name}: all rows are read, each once, and only what is odd is noted`, async (t) => {
    const { layer, rows } = await layerWith(t, faults, words);
    const read = async () => namesOf(layer);
    // Without ids only a second reading shows that the first was whole.
    const names = await read().catch((error: unknown) => {
      assert.ok(words === withoutIds, String(error));
      return read();
    });
    assert.deepEqual([...names].sort(), rows.map((row) => row.name).sort());
    assert.equal(layer.count().rows, 8);
    assert.match(
      layer
        .notes()
        .map(({ text }) => text)
        .join(),
      note,
    );
  });
}

const isRow5 = (feature: Record<string, unknown>) => valuesOf(feature)['OBJECTID'] === 5;
const broken: [name: string, faults: Fault[], words: Record<string, unknown>, code: string, message: RegExp][] = [
  [
    'a page that lacks a row that is listed',
    [pagesLack(isRow5)],
    {},
    'ITEM_TRUNCATED',
    /lists row 5 and does not give/,
  ],
  ['pages that never turn', [{ ...pagesLack(() => false) }], withoutIds, 'ITEM_TRUNCATED', /gives the same 3 again/],
  [
    'rows that are counted and neither listed nor given',
    [pagesLack(() => true), idsAreCut(0, false)],
    {},
    'ITEM_TRUNCATED',
    /counts 8 and gives none/,
  ],
];
for (const [name, faults, words, code, message] of broken) {
  test(`${name}: that is what is told, not that somebody edited the layer, and nothing is called whole`, async (t) => {
    const { sim, layer, rows } = await layerWith(t, faults, words);
    if (name.includes('turn')) {
      const features = rows.slice(0, 3).map(({ name: text }) => ({ type: 'Feature', properties: { NAME: text } }));
      const match = ({ query }: { query: Record<string, string> }) => query['orderByFields'] !== undefined;
      sim.faults.clear();
      const answer = {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ features }),
      };
      sim.faults.add({ match, times: Infinity, answer });
    }
    for (let times = 0; times < 3; times++) await assert.rejects(namesOf(layer), { code, message });
  });
}

test('a row that is deleted under the reader is told as an edit, whatever the count said before', async (t) => {
  const { sim, layer, rows } = await layerWith(t, [countLies(2)]);
  sim.faults.add({ match: ({ query }) => 'objectIds' in query, answer: { after: () => void rows.pop() } });
  await assert.rejects(namesOf(layer), { code: 'LISTING_INCOMPLETE', message: /added or deleted while/ });
  assert.equal((await namesOf(layer)).length, 7);
});
