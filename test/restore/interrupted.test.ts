import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { contentOf, fixture, jsonContent } from '../support/portal/content.ts';
import { imageOf, newWorld } from '../support/restore.ts';
import { dying } from '../support/stores/dying.ts';

/** Every call and every entry in the long form; in the suite the one of each that makes an item. */
const isLong = process.env['LONG'] === '1';

/** The plan is the first, what was saved the second, then that an item is to be made, and that it was. */
const entryOfMaking = 4;

/** Two items that name each other, of which one is gone and one is spoiled; the versions that are put back. */
async function newDamage(t: TestContext) {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const folder = org.addFolder('ana', 'Maps').id;
  const around = {
    infos: { 'thumbnail/map.png': fixture('thumbnail.png') },
    resources: { 'a/notes.json': jsonContent({ a: 1 }), 'b.txt': contentOf('b') },
    metadata: '<metadata/>',
    protected: true,
    access: 'org' as const,
  };
  const kept = org.addItem({ owner: 'ana', folder, type: 'Web Map', title: 'Kept', ...around }).record.id;
  const gone = org.addItem({ owner: 'ana', folder, type: 'Dashboard', title: 'Gone', json: { kept }, ...around }).record
    .id;
  org.replaceData(kept, jsonContent({ gone }));
  const group = org.addGroup('Crew', { owner: 'ana', members: new Set(['ana']) });
  for (const id of [kept, gone]) org.share(id, group.id);
  await world.backup();
  const commit = (await world.restores().plan({ items: [kept] })).plan.items[0]?.commit ?? '';
  const images = [kept, gone].map((id) => imageOf(org.item(id)));
  let living = gone;
  /** Spoils one, deletes the other, and plans to put both back. */
  const spoil = () => {
    org.replaceData(kept, jsonContent({ spoiled: true }));
    org.editItem(kept, { title: 'Spoiled', snippet: 'x', protected: false });
    org.item(kept).resources.delete('b.txt');
    org.moveItem(kept, null);
    org.quietlyEdit(kept, { access: 'org' });
    org.quietlyEdit(living, { protected: false });
    org.deleteItem(living);
    return { items: [kept, gone], at: commit };
  };
  /** Is everything as after a restore that nothing has disturbed? */
  const check = (about: string) => {
    const all = [...org.items.values()];
    const made = all.filter(({ record }) => record.typeKeywords.includes(`source-${gone}`));
    assert.equal(made.length, 1, `${about}: copies`);
    living = made[0]?.record.id ?? '';
    const [one, other] = images;
    const text = (id: string) => org.item(id).data?.bytes().toString();
    assert.deepEqual([text(kept), text(living)], [`{"gone":"${living}"}`, `{"kept":"${kept}"}`], about);
    assert.deepEqual(imageOf(org.item(kept)), { ...one, data: imageOf(org.item(kept)).data }, about);
    assert.deepEqual(imageOf(org.item(living)), other, about);
    assert.equal(all.length, 2, about);
  };
  return { world, spoil, check };
}

test('the answer is lost at every write call: the end is the same, and there is no second copy', async (t) => {
  const { world, spoil, check } = await newDamage(t);
  const isWrite = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && /\/(?:content\/users\/(?:keeper|ana)\/)/.test(path);
  for (let skip = 0; ; skip++) {
    const request = spoil();
    const fault = world.portal.faults.add({ match: isWrite, skip, answer: 'lost' });
    const result = await world.restore(request);
    assert.equal(result.outcome, 'complete', `lost ${skip}: ${JSON.stringify(result)}`);
    check(`lost ${skip}`);
    const { hits } = fault;
    fault.remove();
    if (!isLong) return assert.equal(hits, 1);
    if (hits === 0) {
      assert.ok(skip > 11, `only ${skip} write calls`);
      return;
    }
  }
});

for (const when of ['before', 'after'] as const) {
  test(`a restore killed right ${when} any entry of its journal goes on to the same end`, async (t) => {
    const { world, spoil, check } = await newDamage(t);
    for (let n = isLong ? 2 : entryOfMaking; ; n++) {
      const request = spoil();
      const store = dying(world.store, n, when);
      const killed = world.restores(store.through);
      const planned = await killed.plan(request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      const result = await world.restores().resume(planned.restoreId);
      assert.equal(result.outcome, 'complete', `${when} ${n}: ${JSON.stringify(result)}`);
      check(`${when} ${n}`);
      if (!isLong) return assert.ok(store.hasDied());
      if (!store.hasDied()) {
        assert.ok(n > 15, `only ${n} entries`);
        return;
      }
    }
  });
}
