import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOf } from '../../lib/backup/formats.ts';
import { canonicalJson } from '../../lib/backup/json.ts';
import { leftOutBecause, isWanted, matches } from '../../lib/backup/leave-out.ts';
import { dealMembers, dealOut, weightOf, type Work } from '../../lib/backup/plan.ts';
import { pollDelay } from '../../lib/backup/poll.ts';
import { isWithinLimit, reconcileMember, sumsClose } from '../../lib/backup/reconcile.ts';
import { recordBytes } from '../../lib/backup/record.ts';
import { dataName, exportName } from '../../lib/backup/names/part-names.ts';
import type { Item, Manifest, Saved } from '../../lib/backup/item.ts';

const item: Item = {
  id: 'a'.repeat(32),
  owner: 'ana',
  title: 'Roads',
  type: 'Feature Service',
  typeKeywords: ['Hosted Service'],
  tags: ['Ago_View '],
  name: 'Roads',
  url: null,
  size: 5,
  created: 1,
  modified: 2,
  ownerFolder: null,
  numViews: 99,
};
const rules = { skipTags: ['ago_view'], skipTypes: ['Code Attachment'], skipGroups: [], users: [], skipUsers: [] };

function manifest(id: string, title: string): Manifest {
  const rest = {
    format: 1 as const,
    owner: 'ana',
    folder: 'None',
    folderId: null,
    type: 'PDF',
    stamp: '1',
    parts: [],
    notes: [],
  };
  return { ...rest, id, title };
}
const has = (id: string, title: string): Saved => ({ ...manifest(id, title), path: `None/PDF/${title}` });

test('an item tagged to be left out is, in any case and with spaces around', () => {
  assert.equal(leftOutBecause(item, rules), 'tagged ago_view');
  assert.equal(leftOutBecause({ ...item, tags: ['ago_views'] }, rules), undefined);
  assert.equal(leftOutBecause({ ...item, tags: [], type: 'Code Attachment' }, rules), 'type Code Attachment');
});

test('members are chosen by patterns', () => {
  assert.equal(isWanted('ana', { ...rules, users: ['an*'] }), true);
  assert.equal(isWanted('bo', { ...rules, users: ['an*'] }), false);
  assert.equal(isWanted('ana', { ...rules, users: ['*'], skipUsers: ['ANA'] }), false);
});

for (const [pattern, text, expected] of [
  ['*', '', true],
  ['a*c', 'abc', true],
  ['a*c', 'ab', false],
  ['*b*', 'abc', true],
  ['a*a', 'a', false],
  ['**', 'x', true],
  ['a.c', 'abc', false],
] as const) {
  test(`pattern ${pattern} ${expected ? 'takes' : 'does not take'} "${text}"`, () => {
    assert.equal(matches(pattern, text), expected);
  });
}

test('hosted layers are exported, views and registered services are not', () => {
  assert.equal(formatOf(item).export, true);
  assert.deepEqual(formatOf({ ...item, typeKeywords: ['Hosted Service', 'View Service'] }).export, false);
  assert.deepEqual(formatOf({ ...item, typeKeywords: [] }), { export: false, query: false, layers: false });
  assert.deepEqual(formatOf({ ...item, type: 'PDF' }), { export: false, query: false, layers: false });
});

test('what changes by itself is not in the record, and keys are in order at every depth', () => {
  const text = recordBytes({ ...item, properties: { b: 1, a: { d: 1, c: 2 } } }).toString();
  assert.ok(!text.includes('numViews'));
  assert.ok(text.indexOf('"a"') < text.indexOf('"b"') && text.indexOf('"c"') < text.indexOf('"d"'));
  assert.equal(canonicalJson({ b: 1, a: 2 }), canonicalJson({ a: 2, b: 1 }));
});

test('a key called __proto__ is data', () => {
  assert.match(canonicalJson(JSON.parse('{"__proto__":{"x":1}}')), /"__proto__"/);
});

test('work is dealt out heaviest first, and every lane ends at about the same time', () => {
  const work = Array.from({ length: 100 }, (_, n): Work => {
    const step = n % 10 === 0 ? 'export' : 'save';
    return { itemId: `i${n}`, blob: 'b', start: 0, length: 1, step, weight: weightOf(step, n * 1e6) };
  });
  const lanes = dealOut(work, 8);
  const loads = lanes.map((lane) => lane.reduce((sum, { weight }) => sum + weight, 0));
  assert.equal(lanes.flat().length, 100);
  assert.ok(Math.max(...loads) < 1.3 * Math.min(...loads));
  for (const lane of lanes)
    assert.deepEqual(
      lane.map(({ weight }) => weight),
      lane.map(({ weight }) => weight).sort((a, b) => b - a),
    );
  assert.deepEqual(dealOut([...work].reverse(), 8), lanes);
  assert.deepEqual(dealOut([], 8), []);
});

test('members are dealt out to no more lanes than there are members', () => {
  assert.deepEqual(dealMembers(['a', 'b', 'c'], 2), [['a', 'c'], ['b']]);
  assert.equal(dealMembers(['a'], 8).length, 1);
});

test('an export is asked for at once, then rarely, and fewer than 150 times in an hour', () => {
  let waited = 0;
  let polls = 0;
  while (waited < 3_600_000) waited += pollDelay(polls++);
  assert.ok(polls < 150, `${polls}`);
  assert.equal(pollDelay(0), 2000);
});

test('what arrived finds its place, what was removed goes, everything else stays', () => {
  const index = { a: has('a', 'Keeps'), b: has('b', 'Goes'), c: has('c', 'Moves') };
  const arrivals = [
    { manifest: manifest('c', 'Moved'), created: 1, folderCreated: 0 },
    { manifest: manifest('d', 'Goes'), created: 1, folderCreated: 0 },
  ];
  const change = reconcileMember('ana', index, arrivals, new Set(['b']));
  assert.deepEqual(Object.keys(change.items).sort(), ['a', 'c', 'd']);
  assert.equal(change.items['d']?.path, 'None/PDF/Goes');
  assert.deepEqual(change.gone, ['None/PDF/Moves']);
});

test('a removed item whose path was taken over at once is not deleted after its successor', () => {
  const change = reconcileMember(
    'ana',
    { b: has('b', 'X') },
    [{ manifest: manifest('d', 'X'), created: 1, folderCreated: 0 }],
    new Set(['b']),
  );
  assert.deepEqual(change.gone, []);
});

for (const [removals, archived, accepted, expected] of [
  [10, 10, false, true],
  [11, 12, false, false],
  [11, 12, true, true],
  [20, 100, false, true],
  [21, 100, false, false],
] as const) {
  test(`${removals} removals of ${archived} are ${expected ? 'allowed' : 'held back'}${accepted ? ' when accepted' : ''}`, () => {
    assert.equal(isWithinLimit(removals, archived, 0.2, accepted), expected);
  });
}

test('sums close only when every listed item is accounted for', () => {
  const sums = { listed: 5, added: 1, changed: 1, unchanged: 1, excluded: 1, failed: 1 };
  assert.equal(sumsClose(sums), true);
  assert.equal(sumsClose({ ...sums, failed: 0 }), false);
  assert.equal(sumsClose({ ...sums, listed: 4 }), false);
});

test('data lies under its own file name, JSON as data.json', () => {
  assert.equal(dataName({ ...item, name: 'roads.zip' }, 'x.bin', false), 'roads.zip');
  assert.equal(dataName(item, undefined, true), 'data.json');
  assert.equal(dataName({ ...item, name: null }, '../../evil.pdf', false), '-..-evil.pdf'.replace(/^-/, '-'));
  assert.equal(dataName({ ...item, name: 'item.json' }, undefined, true), 'item_.json');
  assert.equal(dataName({ ...item, name: null }, undefined, false), 'data.bin');
});

test('an export is called after the item, and never like its data', () => {
  assert.equal(exportName(item, 'zip', []), 'Roads.zip');
  assert.equal(exportName(item, 'zip', ['ROADS.ZIP']), 'Roads (export).zip');
});
