import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { coverage } from '../../docs/coverage.ts';
import { typeGroups, typeInfo } from '../../lib/backup/types.ts';

const all = typeGroups.flatMap(({ types }) => types);

test('every type stands in the table once, whatever its case', () => {
  assert.equal(new Set(all.map((type) => type.toLowerCase())).size, all.length);
  assert.ok(all.length > 180, `${all.length}`);
  assert.ok(all.every((type) => type === type.trim() && !type.includes('\n')));
});

test('docs/coverage.md is made from the table; run `node docs/coverage.ts` when it is not', async () => {
  assert.equal(await readFile(new URL('../../docs/coverage.md', import.meta.url), 'utf8'), coverage());
});

test('an unknown type is saved with everything it offers', () => {
  const { known, coverage: saved } = typeInfo('Hologram');
  assert.deepEqual([known, saved], [false, 'all']);
});

test('the portal may write a type in any case', () => {
  assert.equal(typeInfo('web map').known, true);
});
