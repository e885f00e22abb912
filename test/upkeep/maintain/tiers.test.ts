import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTier, mostPacks } from '../../../lib/upkeep/maintain/tiers.ts';
import { seeded } from '../../support/random.ts';

/** A pack, and how often each night's bytes in it have been written again. */
interface Pack {
  name: string;
  size: number;
  nights: { size: number; again: number }[];
}

/** Ten years, a pack a night; what the list looked like at its longest, and which packs there are at the end. */
function live(nights: number, sizeOf: (night: number) => number): { longest: number; packs: Pack[] } {
  let packs: Pack[] = [];
  let longest = 0;
  for (let night = 0; night < nights; night++) {
    const size = sizeOf(night);
    packs.unshift({ name: String(night), size, nights: [{ size, again: 0 }] });
    if (packs.length > mostPacks) {
      const chosen = chooseTier(packs);
      assert.ok(chosen.length > 1, 'nothing was merged');
      const all = chosen.flatMap((pack) => pack.nights).map((each) => ({ ...each, again: each.again + 1 }));
      const merged = { name: `m${night}`, size: chosen.reduce((sum, pack) => sum + pack.size, 0), nights: all };
      packs = [merged, ...packs.filter((pack) => !chosen.includes(pack))];
    }
    longest = Math.max(longest, packs.length);
  }
  return { longest, packs };
}

const random = seeded(16);
const nights: Record<string, (night: number) => number> = {
  'of 200 changes': () => 4_000_000,
  'of one change': () => 2000,
  'of now little, now much': () => Math.round(1000 * 2 ** (14 * random())),
  'after a first run that was large': (night) => (night === 0 ? 5_000_000_000 : 4_000_000),
  'that grow year by year': (night) => 1_000_000 + night * 5000,
};

for (const [name, sizeOf] of Object.entries(nights)) {
  test(`ten years of nights ${name} are at most twenty packs, and a byte is written again only where its pack doubles`, (t) => {
    const { longest, packs } = live(3650, sizeOf);
    assert.ok(longest <= mostPacks, `${longest} packs`);
    const all = packs.flatMap(({ size, nights }) => nights.map((night) => ({ ...night, in: size })));
    for (const { size, again, in: now } of all) assert.ok(again <= Math.log2(now / size), `${again} times`);
    const total = all.reduce((sum, { size }) => sum + size, 0);
    const written = all.reduce((sum, { size, again }) => sum + size * (1 + again), 0);
    const most = Math.max(...all.map(({ again }) => again));
    t.diagnostic(
      `${longest} packs, ${packs.length} at the end; a byte is written ${(written / total).toFixed(1)} times, at most ${1 + most}`,
    );
  });
}

test('what is left of more than twenty packs is in tiers, each larger than all smaller ones together', () => {
  for (let n = 0; n < 200; n++) {
    const packs = Array.from({ length: 21 }, (_, p) => ({
      name: String(p),
      size: 1 + Math.floor(2 ** (30 * random())),
    }));
    const chosen = chooseTier(packs);
    const size = chosen.reduce((sum, pack) => sum + pack.size, 0);
    assert.ok(chosen.length > 1);
    const left = [...packs.filter((pack) => !chosen.includes(pack)), { name: 'merged', size }];
    let smaller = 0;
    for (const pack of left.sort((a, b) => a.size - b.size)) {
      assert.ok(pack.size > smaller || chosen.length === 2);
      smaller += pack.size;
    }
  }
});
