import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRepository } from '../../lib/archive/repository.ts';
import { tidyUp } from '../../lib/upkeep/maintain/maintain.ts';
import { verify } from '../../lib/upkeep/verify/verify.ts';
import { jsonContent } from '../support/portal/content.ts';
import { imageOf, newWorld, type World } from '../support/restore.ts';
import { fsck } from '../support/stores/copies.ts';

const day = 86_400_000;
const keepDays = 31;
let names = 0;

/** The upkeep of a night, with BACKUP_KEEP=31. */
async function tidy({ store, clock }: World) {
  const random = () => (names++).toString(16).padStart(40, '5');
  const repository = openRepository(store, { random, clock });
  const retention = { keepDays, runElsewhere: () => Promise.resolve(undefined) };
  await tidyUp({ store, clock, random, repository, retention });
  return repository;
}

test('a restore that found all saved already is taken back after its history was thinned out and let go', async (t) => {
  const world = await newWorld(t);
  const { org, store, clock } = world;
  org.addMember('ana');
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { night: 0 } }).record.id;
  const night = async (n: number) => {
    org.replaceData(map, jsonContent({ night: n }));
    await world.backup();
    clock.advance(day);
  };
  await night(0);
  const first = (await world.restores().plan({ items: [map] })).plan.items[0]?.commit ?? '';
  await night(1);
  const before = imageOf(org.item(map));
  const result = await world.restore({ items: [map], at: first });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  await night(2);
  clock.advance(70 * day);
  const thinned = await tidy(world);
  assert.match((await thinned.head())?.message ?? '', new RegExp(`^Backup `));
  await assert.rejects(world.restores().plan({ items: [map], at: first }), { code: 'VERSION_UNKNOWN' });
  for (const days of [100, 20]) {
    clock.advance(days * day);
    await tidy(world);
  }
  assert.ok((await fsck(t, store)) > 1);
  assert.deepEqual((await verify(store, { from: 0, to: 1 })).findings, []);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual(imageOf(org.item(map)), before);
});
