import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classOf } from '../../lib/restore/plan/class.ts';
import { judge, type Facts } from '../../lib/restore/plan/judge.ts';
import { inOrder } from '../../lib/restore/plan/order.ts';
import { idMap } from '../../lib/restore/references/id-map.ts';
import { rewrite } from '../../lib/restore/references/rewrite.ts';
import { notWider, widerBy } from '../../lib/restore/sharing.ts';

const proven = { is: 'proven' } as const;
const usual: Facts = {
  itemId: 'a'.repeat(32),
  commit: 'c'.repeat(40),
  asked: 'auto',
  state: 'live',
  classes: { anew: proven, inPlace: proven },
  damaged: [],
  sound: null,
  ownerless: null,
  isElsewhere: false,
};
const refused = { is: 'refused', why: 'Not yet.' } as const;

for (const [what, facts, mode, code] of [
  ['what lives', {}, 'in-place', undefined],
  ['what lies in the bin', { state: 'bin' }, 'bin', undefined],
  ['what lies in the bin, in place', { state: 'bin', asked: 'in-place' }, 'bin', undefined],
  ['what is gone', { state: 'gone' }, 'new', undefined],
  ['what is gone, in place', { state: 'gone', asked: 'in-place' }, 'in-place', 'RESTORE_GONE'],
  ['what nobody can tell', { state: 'unknown' }, 'in-place', 'RESTORE_UNSURE'],
  ['what nobody can tell, anew', { state: 'unknown', asked: 'new' }, 'new', 'RESTORE_UNSURE'],
  ['what lives, beside', { asked: 'beside' }, 'beside', undefined],
  ['what lives, in another organization', { isElsewhere: true }, 'new', undefined],
  ['what is damaged', { damaged: ['data.json'] }, 'in-place', 'RESTORE_DAMAGED'],
  ["what is nobody's", { ownerless: 'Nobody in the portal is called ana.', state: 'gone' }, 'new', 'RESTORE_OWNER'],
  ['what cannot be made anew and lives', { classes: { anew: refused, inPlace: proven } }, 'in-place', undefined],
  ['the same gone', { classes: { anew: refused, inPlace: proven }, state: 'gone' }, 'new', 'RESTORE_CLASS'],
] as [string, Partial<Facts>, string, string | undefined][])
  test(`${what}: ${mode}${code === undefined ? '' : `, and ${code}`}`, () => {
    const verdict = judge({ ...usual, ...facts });
    assert.deepEqual([verdict.mode, verdict.blocked?.code], [mode, code]);
  });

const held = { isDefined: true, isView: false, hasRecipe: false, hasRows: true };
for (const [what, type, more, anew, inPlace] of [
  ['a hosted layer', 'Feature Service', {}, 'proven', 'proven'],
  ['one whose definition is not in the archive', 'Feature Service', { isDefined: false }, 'refused', 'proven'],
  ['one whose rows are not', 'Feature Service', { hasRows: false }, 'refused', 'proven'],
  ['a view', 'Feature Service', { isView: true, hasRecipe: true, hasRows: false }, 'proven', 'proven'],
  ['a view without its recipe', 'Feature Service', { isView: true }, 'refused', 'refused'],
  ['hosted tiles', 'Vector Tile Service', {}, 'refused', 'unproven'],
  ['hosted tiles whose package is known', 'Vector Tile Service', { isOfPackage: true }, 'unproven', 'unproven'],
] as const)
  test(`${what}: ${anew} as a new item, ${inPlace} where it is`, () => {
    const record = { type, typeKeywords: ['Hosted Service'] };
    const found = [true, false].map((isNew) => classOf(record, isNew, { ...held, ...more }).is);
    assert.deepEqual(found, [anew, inPlace]);
  });

const graphs = fc
  .array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((edges) => new Map(edges.map((to, n) => [String(n), new Set(to.map(String))])));

test('every item comes once, and after whatever it names unless that leads back to it', () => {
  fc.assert(
    fc.property(graphs, (needs) => {
      const ids = [...needs.keys()];
      const order = inOrder(ids, needs);
      assert.deepEqual([...order].sort(), [...ids].sort());
      const place = new Map(order.map((id, n) => [id, n]));
      const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
        [...(needs.get(from) ?? [])].some(
          (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
        );
      for (const [id, named] of needs)
        for (const other of named)
          if (place.has(other) && other !== id && !reaches(other, id))
            assert.ok((place.get(other) ?? 0) < (place.get(id) ?? 0), `${id} names ${other}`);
    }),
    { numRuns: 300 },
  );
});

test('only ids that are known to be others are rewritten, in any letter case, and no part of a longer hash', () => {
  const [old, now] = ['0123456789abcdef0123456789abcdef', 'f'.repeat(32)];
  const map = idMap([[old, now]]);
  assert.equal(
    rewrite(`{"id":"${old}","u":"https://x/${old.toUpperCase()}/data"}`, map),
    `{"id":"${now}","u":"https://x/${now}/data"}`,
  );
  for (const text of [`${old}0`, `a${old}`, 'e'.repeat(32), '{ "a" : 1 }']) assert.equal(rewrite(text, map), text);
});

const sharings = fc.record({
  access: fc.constantFrom('private', 'shared', 'org', 'public'),
  groups: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')).map((groups) => groups.sort()),
}) as fc.Arbitrary<{ access: 'private' | 'shared' | 'org' | 'public'; groups: string[] }>;

test('what is not to be opened is open to nobody to whom it is closed', () => {
  fc.assert(
    fc.property(sharings, sharings, (now, wanted) => {
      assert.deepEqual(widerBy(now, notWider(now, wanted)), { access: false, groups: [] });
    }),
  );
});
