import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { diffItem, diffItems } from '../../lib/history/diff/diff.ts';
import { itemPatch } from '../../lib/history/diff/patch.ts';
import { versionAt } from '../../lib/history/version-at.ts';
import { findItem } from '../../lib/history/find-item.ts';
import { logCommits, logItem, type LogFilter } from '../../lib/history/log.ts';
import { listItems, type ListFilter } from '../../lib/history/list.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { newBackup } from '../support/backup.ts';
import { contentOf } from '../support/portal/content.ts';
import { historyOf, night } from './lives.ts';

const everything: LogFilter = { users: [], types: [], limit: 100 };
const list: ListFilter = {
  at: { is: 'latest' },
  users: [],
  folders: [],
  types: [],
  deleted: false,
  sort: 'path',
  limit: 100,
};

test('an item keeps one history through edits, moves, another title, owner and type, its deletion and its return', async (t) => {
  const backup = await newBackup(t);
  const { org } = backup.portal;
  org.addMember('ana');
  org.addMember('ben');
  const folder = org.addFolder('ana', 'Plans');
  const { id } = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Parcels', json: { v: 1 } }).record;
  org.addItem({ owner: 'ben', type: 'Web Map', title: 'Other', json: {} });
  const commits = [await night(backup)];
  const days = [
    () => org.replaceData(id, contentOf('{"v":2}', 'application/json')),
    () => org.moveItem(id, folder.id),
    () => {
      org.editItem(id, { title: 'Lots', type: 'Web Mapping Application' });
      org.changeOwner(id, 'ben');
      org.share(id, org.addGroup('Crew').id);
    },
    () => org.deleteItem(id),
    () => void org.addItem({ id, owner: 'ben', type: 'Web Map', title: 'Lots', json: { v: 3 } }),
  ];
  for (const change of days) {
    change();
    commits.push(await night(backup));
  }
  const { archive, history } = await historyOf(backup);
  const { item, versions } = await logItem(archive, history, id, everything);
  assert.deepEqual(item.removed, null);
  assert.deepEqual(
    versions.map(({ commit }) => commit),
    commits.toReversed(),
  );
  assert.deepEqual(
    versions.map(({ op, what }) => `${op}: ${what.join(' ')}`),
    [
      'added: data info record sharing',
      'removed: ',
      'moved: folder info owner record sharing title type',
      'moved: folder record',
      'changed: data record',
      'added: data info record sharing',
    ],
  );
  // The truth is git's: each version's folder holds the item, and the commit before it held something else there.
  for (const { commit, path, op } of versions) {
    const shown = git(backup.store, 'show', `${op === 'removed' ? `${commit}~1` : commit}:${path}/backup.json`);
    assert.equal((JSON.parse(await shown) as { id: string }).id, id);
  }
  for (const text of [
    id,
    id.slice(0, 6),
    'Lots',
    'lots',
    'Parcels',
    `https://x.maps.arcgis.com/home/item.html?id=${id}#overview`,
    item.path,
  ])
    assert.equal(await findItem({ archive, history }, text), id, text);
  const gone = await listItems(archive, history, {
    ...list,
    at: { is: 'commit', prefix: commits[4] ?? '' },
    deleted: true,
  });
  assert.deepEqual(
    gone.items.map(({ itemId, removed, changed }) => [itemId, removed?.commit, changed.commit]),
    [[id, commits[4], commits[3]]],
  );
  const then = await listItems(archive, history, {
    ...list,
    at: { is: 'time', until: Date.UTC(2026, 10, 25) },
    text: 'lot',
  });
  assert.deepEqual([then.total, (await listItems(archive, history, { ...list, text: 'lot' })).total], [0, 1]);
  const { commits: logged } = await logCommits(archive, history, { ...everything, users: ['ana'] });
  assert.deepEqual(
    logged.map(({ added, changed, moved, removed, failed }) => [added, changed, moved, removed, failed]),
    [
      [0, 0, 1, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 1, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ],
  );
});

test('a difference is told in words: rows of layers, places in JSON, groups by title, files by size', async (t) => {
  const backup = await newBackup(t);
  const { org } = backup.portal;
  const { id } = org.addService({
    owner: 'backup',
    title: 'Parcels',
    layers: ['Lots', 'Old'],
    tables: ['Owners'],
  }).record;
  const pdf = org.addItem({
    owner: 'backup',
    type: 'PDF',
    title: 'Report',
    name: 'a.pdf',
    data: '%PDF-1.4\n1\n%%EOF\n',
  }).record.id;
  const moved = org.addItem({ owner: 'backup', type: 'Web Map', title: 'A map', json: { m: 1 } }).record.id;
  await night(backup);
  const service = org.item(id).service;
  assert.ok(service);
  const lots = service.layers[0]?.rows.length ?? 0;
  service.layers[0]?.rows.pop();
  service.layers.splice(1, 1);
  org.editSchema(id, 0);
  org.moveItem(moved, org.addFolder('backup', 'Other "place"').id);
  org.share(id, org.addGroup('Crew').id);
  org.editItem(id, { tags: ['checked'] });
  org.replaceData(pdf, contentOf('%PDF-1.4\n12\n%%EOF\n', 'application/pdf'));
  await night(backup);
  const { archive, history } = await historyOf(backup);
  const words = async (item: string) => {
    const [from, to] = (['previous', 'latest'] as const).map((is) => versionAt(history, item, { is }));
    assert.ok(from && to);
    const { changes } = await diffItem(archive, from, to);
    return changes.map(
      ({ part, kind, path, before, after }) =>
        `${part} ${kind} ${path} ${JSON.stringify(before)} ${JSON.stringify(after)}`,
    );
  };
  const told = await words(id);
  for (const line of [
    `rows changed ["Lots"].rows ${lots} ${lots - 1}`,
    'sharing.json added groups null "Crew"',
    'item.json added tags null "checked"',
  ])
    assert.ok(told.includes(line), `${line}\n${told.join('\n')}`);
  assert.ok(
    told.some((line) => line.startsWith('rows removed ["Old"]')) &&
      told.some((line) => line.startsWith('layers.json removed layers.layers["Old"]')),
    told.join('\n'),
  );
  assert.ok((await words(pdf)).some((line) => /^a\.pdf changed {2}\{"size":17,.*\} \{"size":18,/.test(line)));
  // The patch is git's: applied to the version before, it makes the one after.
  const clone = join(await temporaryFolder(t), 'clone');
  await git(backup.store, 'clone', '--quiet', backup.store, clone);
  await git(clone, 'checkout', '--quiet', 'HEAD~1');
  const patches = [id, pdf, moved].map((item) => {
    const [old, now] = (['previous', 'latest'] as const).map((is) => versionAt(history, item, { is }).after);
    return itemPatch(archive, old, now);
  });
  await writeFile(join(clone, '../patch'), (await Promise.all(patches)).join(''));
  await git(clone, 'apply', '--index', '../patch');
  assert.equal(await git(clone, 'diff', '--cached', '--stat', 'main', '--', 'content'), '');
  const [from, to] = [history.commits[1], history.commits[0]];
  assert.ok(from && to);
  assert.deepEqual(
    diffItems(history, from, to)
      .changes.map(({ itemId, kind }) => [itemId, kind])
      .sort(),
    [
      [id, 'changed'],
      [pdf, 'changed'],
      [moved, 'moved'],
    ].sort(),
  );
  assert.deepEqual(diffItems(history, to, to).changes, []);
});

test('what people committed and merged stands in the history as git has it, and the next run goes on', async (t) => {
  const backup = await newBackup(t);
  const { org } = backup.portal;
  const [a, b] = ['A', 'B'].map(
    (title) => org.addItem({ owner: 'backup', type: 'Web Map', title, json: { title } }).record.id,
  );
  assert.ok(a !== undefined && b !== undefined);
  await night(backup);
  const clone = join(await temporaryFolder(t), 'clone');
  await git(backup.store, 'clone', '--quiet', backup.store, clone);
  const file = (title: string) => `content/backup/None/Web Map/${title}/data.json`;
  const commit = async (text: string, path: string) => {
    await writeFile(join(clone, path), text);
    await git(clone, 'add', '.');
    await git(clone, 'commit', '--quiet', '-m', `edit ${path}`);
    return (await git(clone, 'rev-parse', 'HEAD')).trim();
  };
  // One side edits A, the other B; the merge takes A of the first and throws B's edit away.
  await git(clone, 'checkout', '--quiet', '-b', 'side');
  await commit('{"side":true}', file('B'));
  await git(clone, 'checkout', '--quiet', 'main');
  const edited = await commit('{"edited":true}', file('A'));
  await git(clone, 'merge', '--quiet', '-s', 'ours', '-m', 'merge', 'side');
  await git(clone, 'push', '--quiet', 'origin', 'main');
  await git(backup.store, 'update-server-info');
  org.editItem(b, { snippet: 'later' });
  const last = await night(backup);
  const { archive, history } = await historyOf(backup);
  assert.deepEqual(history.damages, []);
  const of = async (id: string) => (await logItem(archive, history, id, everything)).versions;
  const log = async (path: string) => (await git(backup.store, 'log', '--format=%H', '--', path)).trim().split('\n');
  assert.deepEqual(
    (await of(a)).map((each) => each.commit),
    await log('content/backup/None/Web Map/A'),
  );
  assert.deepEqual(
    (await of(b)).map((each) => each.commit),
    await log('content/backup/None/Web Map/B'),
  );
  assert.deepEqual([(await of(a))[0]?.commit, (await of(a))[0]?.runId, (await of(b))[0]?.commit], [edited, null, last]);
});
