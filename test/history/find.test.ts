import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupError, isCode } from '../../lib/errors.ts';
import { commitAt, readAt, readTime } from '../../lib/history/at.ts';
import { serviceOf } from '../../lib/backup/uses.ts';
import { findItem } from '../../lib/history/find-item.ts';
import { versionAt } from '../../lib/history/version-at.ts';
import { newArchive } from '../archive/archive.ts';
import { commitId, madeUp } from './lives.ts';

const id = (first: string) => first.padEnd(32, '0');
const now = Date.UTC(2026, 10, 10, 12);

test('AT is a commit, a day to its end, a moment with its zone, a span, latest or previous, and nothing else', () => {
  const history = madeUp({ a: {} }, { a: {} }, { a: {} }, { b: {} });
  for (const [text, n] of [
    ['latest', 3],
    ['previous', 2],
    ['2026-11-02', 1],
    ['2026-11-30', 3],
    ['2026-11-02T02:00Z', 1],
    ['2026-11-02T01:59:59Z', 0],
    ['2026-11-02 03:00+01:00', 1],
    ['2026-11-01T21:00:00-0500', 1],
    ['8d', 1],
    ['1w', 2],
    [commitId(2), 2],
    [commitId(2).slice(0, 8).toUpperCase(), 2],
  ] as const)
    assert.equal(commitAt(history, readAt(text, now)).oid, commitId(n), text);
  for (const text of [
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-11-02T25:00Z',
    '2026-11-02T02:00',
    '12',
    'cccc',
    '3 days',
  ])
    assert.throws(() => readAt(text, now), { code: 'USAGE' }, text);
  for (const text of ['2026-10-31', '90d', 'abcdef1234'])
    assert.throws(() => commitAt(history, readAt(text, now)), { code: 'VERSION_UNKNOWN' }, text);
  assert.throws(() => commitAt(history, readAt('ccccccc', now)), { code: 'USAGE' });
  assert.throws(() => commitAt(madeUp(), readAt('latest', now)), { code: 'VERSION_UNKNOWN' });
  assert.equal(readTime('2026-11-02', now, 'start'), Date.UTC(2026, 10, 2));
});

test('the version of an item is that of the time, and of one that was deleted its last', () => {
  const history = madeUp({ a: {}, z: {} }, { a: {} }, { z: {} }, { a: null }, { z: {} });
  const at = (text: string) => versionAt(history, 'a', readAt(text, now)).commit.oid;
  assert.deepEqual(
    [at('latest'), at('previous'), at('2026-11-01'), at('2026-11-03')].map((oid) => oid.slice(0, 8)),
    [...[1, 0, 0, 1].map((n) => commitId(n).slice(0, 8))],
  );
  assert.throws(() => at('2026-11-04'), { code: 'VERSION_UNKNOWN', hint: /`latest`/ });
  assert.throws(() => versionAt(madeUp({ z: {} }, { a: {} }), 'a', readAt('2026-11-01', now)), {
    code: 'VERSION_UNKNOWN',
  });
});

test('what a name may mean is listed, and nothing is guessed', async () => {
  const [parcels, gone, roads, facade, other] = ['aaaaaa1', 'aaaaaa2', 'bbbbbb', 'cccccc', 'facade'].map(id);
  const history = madeUp(
    { [parcels ?? '']: { title: 'Parcels' }, [gone ?? '']: { title: 'Parcels' }, [roads ?? '']: { title: 'Streets' } },
    {
      [gone ?? '']: null,
      [roads ?? '']: { title: 'Roads' },
      [facade ?? '']: { title: 'facade' },
      [other ?? '']: { title: 'Näme' },
    },
  );
  const archive = await newArchive();
  const find = async (text: string, n?: number) => {
    const at = n === undefined ? undefined : history.commits.find(({ oid }) => oid === commitId(n));
    return findItem({ archive, history, at }, text);
  };
  for (const [text, wanted] of [
    [parcels, parcels],
    [parcels?.toUpperCase(), parcels],
    ['aaaaaa1', parcels],
    ['Roads', roads],
    ['ROADS', roads],
    ['Streets', roads],
    ['Na\u0308me', other],
    [' Roads ', roads],
    [`https://x.maps.arcgis.com/apps/mapviewer/index.html?webmap=${roads}`, roads],
    ['content/ana/None/PDF/Roads/', roads],
  ])
    assert.equal(await find(text ?? ''), wanted, text);
  const candidates = async (text: string) => {
    const error = await find(text).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof BackupError);
    return [error.code, error.candidates?.map(({ itemId, removed }) => [itemId, removed?.commit]) ?? []];
  };
  // A title that a living and a deleted item bear; the beginning of two ids; a title that is the beginning of an id.
  const both = [
    [gone, commitId(1)],
    [parcels, undefined],
  ];
  assert.deepEqual(await candidates('Parcels'), ['ITEM_AMBIGUOUS', both]);
  assert.deepEqual(await candidates('aaaaaa'), ['ITEM_AMBIGUOUS', both]);
  assert.deepEqual((await candidates('facade'))[0], 'ITEM_AMBIGUOUS');
  assert.deepEqual(await candidates('Road'), ['ITEM_UNKNOWN', [[roads, undefined]]]);
  for (const text of ['', '  ', 'aaaaa', 'content/ana', 'https://x/home/item.html?id=dddddddddddddddddddddddddddddddd'])
    await assert.rejects(find(text), (error) => isCode(error, 'ITEM_UNKNOWN'), text);
});

test('a service is known by its address, whatever is asked of it', () => {
  const wanted = 'services.arcgis.com/x/arcgis/rest/services/parcels/featureserver';
  for (const rest of ['', '/', '/0', '/0/query?where=1%3D1', '?f=json', '#x'])
    assert.equal(
      serviceOf(`https://services.arcgis.com/x/ArcGIS/rest/services/Parcels/FeatureServer${rest}`),
      wanted,
      rest,
    );
  for (const text of ['https://x/home/item.html?id=1', 'FeatureServer', 'https://FeatureServer'])
    assert.equal(serviceOf(text), undefined, text);
});
