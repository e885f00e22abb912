import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

test('every promise of docs/guarantees.md names a test that is there', async () => {
  const root = new URL('../', import.meta.url);
  const text = await readFile(new URL('docs/guarantees.md', root), 'utf8');
  const tables = text.split(/^## /m).filter((section) => section.includes('| promise |'));
  const rows = tables.flatMap((table) => table.split('\n').filter((line) => /^\| [A-Z`]/.test(line)));
  assert.ok(rows.length > 25);
  for (const row of rows) {
    const files = [...row.matchAll(/\btest\/[\w/.-]+\.ts/g)].map(([file]) => file);
    assert.ok(files.length > 0, `no test: ${row}`);
    for (const file of files) assert.ok(existsSync(new URL(file, root)), `${file} of: ${row}`);
  }
});
