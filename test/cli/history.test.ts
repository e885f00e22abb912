import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListedItem } from '../../lib/history/list.ts';
import type { Shown } from '../../lib/history/show.ts';
import type { TakenItem } from '../../lib/history/get/take-out.ts';
import { temporaryFolder } from '../git/stock-git.ts';
import { night } from '../history/lives.ts';
import { newBackup } from '../support/backup.ts';
import { command } from '../support/command.ts';

const read = <T>(text: string) => JSON.parse(text) as T;

test('log, ls, show and get answer people and machines, and write nothing into the archive', async (t) => {
  const backup = await newBackup(t);
  const { org } = backup.portal;
  const crew = org.addGroup('Crew').id;
  const { record: map } = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Parcels', json: { v: 1 } });
  const { record: app } = org.addItem({
    owner: 'backup',
    type: 'Dashboard',
    title: 'Board',
    json: { widgets: [{ itemId: map.id }] },
  });
  const { record: over } = org.addItem({
    owner: 'backup',
    type: 'StoryMap',
    title: 'Story',
    json: { use: `x ${app.id}` },
  });
  org.share(map.id, crew);
  const first = await night(backup);
  org.deleteItem(map.id);
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Parcels', json: { v: 2 } });
  const second = await night(backup);
  const before = await readdir(backup.store, { recursive: true });
  const cwd = await temporaryFolder(t);
  const ask = (...args: string[]) => command([...args, '--store', `file:${backup.store}`], {}, cwd);

  const ambiguous = await ask('get', 'Parcels', '--to', 'out', '--json');
  assert.equal(ambiguous.status, 2, ambiguous.stderr);
  const { error } = read<{ error: { code: string; candidates: { itemId: string; removed: object | null }[] } }>(
    ambiguous.stdout,
  );
  assert.deepEqual([error.code, error.candidates.length], ['ITEM_AMBIGUOUS', 2]);
  assert.deepEqual(error.candidates.find(({ itemId }) => itemId === map.id)?.removed, {
    commit: second,
    time: '2026-11-24T02:00:00.000Z',
  });
  assert.match(ambiguous.stderr, new RegExp(`${map.id} {2}Parcels \\(Web Map, backup, removed 2026-11-24\\)`));

  const shown = await ask('show', map.id, '--at', '2026-11-23', '--json');
  const { item, sharing, usedBy, uses, versions, version } = read<Shown>(shown.stdout);
  assert.deepEqual(
    [item.record?.['title'], item.removed?.commit, version.commit, versions],
    ['Parcels', second, first, 1],
  );
  assert.deepEqual(sharing, { access: 'shared', groups: [{ id: crew, title: 'Crew' }] });
  assert.deepEqual(
    [uses, usedBy.map(({ itemId, depth }) => [itemId, depth])],
    [
      [],
      [
        [app.id, 1],
        [over.id, 2],
      ],
    ],
  );

  const listed = await ask('ls', 'parc', '--deleted', '--json');
  const { items, total } = read<{ items: ListedItem[]; total: number }>(listed.stdout);
  assert.deepEqual([items.map(({ itemId }) => itemId), total, listed.stderr], [[map.id], 1, '']);

  const tagged = await ask('ls', '--tag', 'no such tag', '--json');
  assert.equal(read<{ total: number }>(tagged.stdout).total, 0);

  const got = await ask('get', map.id, '--to', 'parcels', '--json');
  assert.equal(got.status, 0, got.stderr);
  const { items: taken } = read<{ items: TakenItem[]; bytes: number }>(got.stdout);
  const data = taken[0]?.files.find(({ path }) => path.endsWith('data.json'));
  assert.deepEqual(read(await readFile(join(cwd, 'parcels', data?.path ?? ''), 'utf8')), { v: 1 });
  const told = await ask('log', map.id);
  assert.match(told.stdout, /removed 2026-11-24 02:00\n[0-9a-f]{10} {2}2026-11-24 02:00 {2}removed .*\n.* added /);
  assert.deepEqual(await readdir(backup.store, { recursive: true }), before);
});

for (const [what, args, status, code] of [
  ['an archive that is not there', ['log', 'Nothing', '--json'], 1, 'STORE_NOT_REPOSITORY'],
  ['a zip and JSON on one stream', ['get', 'a', '--zip', '-', '--json'], 2, 'USAGE'],
] as const) {
  test(`a command of the history refuses ${what}, and makes nothing`, async (t) => {
    const cwd = await temporaryFolder(t);
    const { stdout, ...ended } = await command([...args], {}, cwd);
    assert.deepEqual([ended.status, read<{ error: { code: string } }>(stdout).error.code], [status, code]);
    assert.deepEqual(await readdir(cwd), []);
  });
}
