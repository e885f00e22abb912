import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addParcels, layersOf } from '../../support/layers.ts';
import { bytesOf, portalPair } from '../../support/open-portal.ts';

for (const body of ['', 'fron'])
  test(`a file at a row of which the portal gives ${body.length} bytes does not become a file`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const item = addParcels(sim.org, { owner: sim.org.admin.username });
    const [{ rows }] = layersOf(item);
    const living = (await portal.item(item.record.id)) ?? assert.fail();
    const [parcels] = (await portal.hosted(living)).tables;
    const files = await Array.fromAsync(parcels?.files([rows[0]?.id ?? 0]) ?? []);
    assert.deepEqual(
      files.map(({ name, globalId }) => [name, globalId]),
      ['front.txt', 'back.txt'].map((name) => [name, rows[0]?.values?.['GlobalID']]),
    );
    const bytes = async () => (await bytesOf((await (files[0] ?? assert.fail()).open()).body)).toString();
    assert.equal(await bytes(), 'front of 1');
    sim.faults.add({ match: /\/attachments\/\d+$/, times: Infinity, answer: { status: 200, body } });
    await assert.rejects(bytes(), { code: 'ITEM_TRUNCATED' });
  });
