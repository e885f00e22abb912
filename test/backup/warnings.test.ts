import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Part, SavedLayer } from '../../lib/backup/item.ts';
import { manyRemoved, warningsOf, type VersionFacts } from '../../lib/backup/warnings.ts';

const id = '0'.repeat(32);

/** A version with layers of so many rows, and files of so many bytes. */
function version(rows: Record<string, number | null>, files: Record<string, number> = {}): VersionFacts {
  const layers = Object.entries(rows).map(([name, count], n): SavedLayer => ({
    id: n,
    name,
    rows: count,
    attachments: null,
  }));
  const parts = Object.entries(files).map(([path, size]): Part => {
    const role = path.startsWith('resources/') ? 'resource' : 'data';
    return { path, role, size, sha256: '', lfs: false };
  });
  return { manifest: { id, title: 'Parcels', owner: 'ana', parts, layers } };
}

function codes(before: VersionFacts, after: VersionFacts, rowsLost = 0.2): string[] {
  return warningsOf(before, after, { rowsLost, at: 'f'.repeat(40) }).map(({ code }) => code);
}

test('a layer rings when it lost more than its share and more than ten rows, or all it had', () => {
  for (const [before, after, rings] of [
    [1000, 800, false],
    [1000, 799, true],
    [1000, 1200, false],
    [50, 40, false],
    [50, 39, true],
    [3, 2, false],
    [3, 1, false],
    [3, 0, true],
    [0, 0, false],
    [null, 5, false],
    [500, null, false],
  ] as const) {
    assert.deepEqual(
      codes(version({ A: before }), version({ A: after })),
      rings ? ['ROWS_LOST'] : [],
      `${before} → ${after}`,
    );
  }
  assert.deepEqual(codes(version({ A: 1000 }), version({ A: 500 }), 0.5), []);
  assert.deepEqual(codes(version({ A: 1000 }), version({ A: 499 }), 0.5), ['ROWS_LOST']);
});

test('a layer or a field that is gone rings, and one that came does not', () => {
  assert.deepEqual(codes(version({ A: 5, B: 7 }), version({ A: 5 })), ['LAYER_LOST']);
  assert.deepEqual(codes(version({ A: 5 }), version({ A: 5, B: 7 })), []);
  const unknown = { manifest: { ...version({}).manifest, layers: undefined } };
  assert.deepEqual(codes(version({ A: 5 }), unknown), []);
  const fields = (...names: string[]) => ({ ...version({ A: 5 }), fields: [{ id: 0, name: 'A', fields: names }] });
  assert.deepEqual(codes(fields('x', 'y'), fields('x')), ['FIELD_LOST']);
  assert.deepEqual(codes(fields('x'), fields('x', 'y')), []);
  assert.deepEqual(codes(fields('x'), version({ A: 5 })), []);
});

test('a file rings when it became empty or lost nine tenths', () => {
  const file = (size: number) => version({}, { 'data.json': size });
  assert.deepEqual(codes(file(1000), file(101)), []);
  assert.deepEqual(codes(file(1000), file(100)), ['CONTENT_SHRUNK']);
  assert.deepEqual(codes(file(1000), version({})), ['CONTENT_SHRUNK']);
  assert.deepEqual(codes(file(0), version({})), []);
  assert.deepEqual(codes(version({}, { 'a.pdf': 10 }), version({}, { 'b.pdf': 9 })), []);
  assert.deepEqual(codes(version({}, { 'resources/a': 10 }), version({})), []);
  assert.deepEqual(codes(version({}, { 'resources/a': 10 }), version({}, { 'resources/a': 1 })), ['CONTENT_SHRUNK']);
});

test('an item rings when it became public, and not when it was or is no more', () => {
  const shared = (access?: string) => ({ ...version({}), access });
  assert.deepEqual(codes(shared('org'), shared('public')), ['MADE_PUBLIC']);
  assert.deepEqual(codes(shared('public'), shared('public')), []);
  assert.deepEqual(codes(shared('public'), shared('org')), []);
  assert.deepEqual(codes(shared(undefined), shared('public')), []);
});

test('ten items and a tenth of all of a member at once ring', () => {
  assert.equal(manyRemoved('ana', 9, 9, null).length, 0);
  assert.equal(manyRemoved('ana', 10, 101, null).length, 0);
  assert.deepEqual(
    manyRemoved('ana', 10, 100, null).map(({ code, before, after }) => [code, before, after]),
    [['MANY_REMOVED', 100, 90]],
  );
});

test('a warning says what was, what is, and what to type', () => {
  const [warning] = warningsOf(version({ A: 1000 }), version({ A: 12 }), { rowsLost: 0.2, at: 'f'.repeat(40) });
  assert.deepEqual(warning, {
    code: 'ROWS_LOST',
    itemId: id,
    title: 'Parcels',
    owner: 'ana',
    message: 'The layer "A" had 1000 rows and has 12.',
    before: 1000,
    after: 12,
    show: `ago-backup diff ${id} ffffffffffff`,
    restore: `ago-backup get ${id} --at ffffffffffff --to restored`,
  });
});
