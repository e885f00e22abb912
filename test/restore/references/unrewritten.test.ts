import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Archive } from '../../../lib/archive/archive.ts';
import type { Part } from '../../../lib/backup/item.ts';
import { idMap, noMap } from '../../../lib/restore/references/id-map.ts';
import { unrewritten } from '../../../lib/restore/references/unrewritten.ts';
import { mostRewritten, namingOf } from '../../../lib/restore/references/wanted.ts';
import type { Version } from '../../../lib/restore/version.ts';
import { newWorld } from '../../support/restore.ts';

const map = idMap([['0'.repeat(32), 'f'.repeat(32)]]);
const part = (role: Part['role'], path: string, size: number): Part => ({ role, path, size, sha256: '', lfs: true });
const versionOf = (type: string, name: string | null, ...parts: Part[]) =>
  ({ manifest: { type, parts }, record: { name } }) as unknown as Version;

for (const [what, role, path, type, name, size, naming] of [
  ['the text of an item, however large', 'data', 'data.json', 'Web Map', null, 2 * mostRewritten, 'text'],
  ['a resource as large as a portal takes', 'resource', 'resources/a.json', 'Web Map', null, 50 << 20, 'text'],
  ['a resource that is no text', 'resource', 'resources/a.png', 'Web Map', null, 1, 'none'],
  ['a notebook that is too large', 'data', 'a.ipynb', 'Notebook', 'a.ipynb', mostRewritten + 1, 'none'],
  ['a survey', 'data', 'a.zip', 'Form', 'a.zip', mostRewritten, 'zip'],
  ['a file that people made', 'data', 'a.csv', 'CSV', 'a.csv', 1, 'none'],
] as const)
  test(`${what}: ${naming === 'none' ? 'names stay' : `names are replaced as in a ${naming}`}`, () => {
    const own = part(role, path, size);
    assert.equal(namingOf(versionOf(type, name, own), own, name ?? undefined), naming);
  });

test('what is too large is told, and only where something has another name', async () => {
  const large = part('data', 'a.ipynb', mostRewritten + 1);
  const version = versionOf('Notebook', 'a.ipynb', large, part('resource', 'resources/b.png', 2 * mostRewritten));
  const none = {} as Archive;
  assert.deepEqual(await unrewritten(none, version, map), [
    { aspect: 'data', path: 'a.ipynb', why: 'it is too large' },
  ]);
  assert.deepEqual(await unrewritten(none, version, noMap), []);
});

test('a survey that cannot be unpacked is put back as it is, and plan and end say that its names stay', async (t) => {
  const world = await newWorld(t, { writing: { bin: 'off' } });
  const { org } = world;
  org.addMember('ana');
  const data = Buffer.from('of an older kind');
  const { id } = org.addItem({ owner: 'ana', type: 'Form', title: 'Survey', name: 'survey.bin', data }).record;
  await world.backup();
  org.deleteItem(id);
  const { plan } = await world.restores().plan({ items: [id] });
  assert.match(
    plan.warnings.map(({ message }) => message).join(' '),
    /names in survey\.bin stay as they are: it cannot/,
  );
  const result = await world.restore({ items: [id] });
  const [item] = result.items;
  assert.deepEqual([result.outcome, item?.outcome], ['complete', 'equivalent'], JSON.stringify(result));
  assert.match(item?.differences[0]?.what ?? '', /names in survey\.bin stay/);
});
