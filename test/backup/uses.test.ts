import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allNamed, namedIn, namingForm, ownService, serviceOf, usesList } from '../../lib/backup/uses.ts';

const id = (n: number) => `${n}`.padStart(32, 'a');
const service = 'https://services.arcgis.com/Abc/ArcGIS/rest/services/Parcels/FeatureServer';

test('ids and services are found in JSON, in addresses, in keywords and in what is encoded once more', () => {
  for (const text of [
    `{"itemId": "${id(1)}", "url": "${service}/0"}`,
    `{"webmap":"${id(1)}","layers":["${service.replaceAll('/', '\\/')}\\/0?token=x"]}`,
    `https://org.maps.arcgis.com/apps/viewer/index.html?webmap=${id(1)}&url=${encodeURIComponent(`${service}/1`)}`,
    `<a href="/home/item.html?id=${id(1).toUpperCase()}">x</a> proxy?${service}?f=json`,
    `typeKeywords: source-${id(1)}; ${service}.`,
  ])
    assert.deepEqual(usesList(allNamed({ id: id(0) }, [namedIn(text)])), [id(1), service], text);
  for (const text of [
    `${id(1)}0`,
    `b${id(1)}`,
    'https://a.example/FeatureServerish/x',
    '{"url":"/rest/FeatureServer"}',
  ])
    assert.deepEqual(usesList(allNamed({ id: id(0) }, [namedIn(text)])), [], text);
});

test('of a table of hashes only what surely is an id is recorded; the item itself, and a service that it hosts, are no use', () => {
  const rows = Array.from({ length: 1001 }, (_, n) => `{"globalid": "${id(n)}"}`).join();
  assert.deepEqual(usesList(namedIn(`[${rows}, {"itemId": "${id(7)}"}]`)), [id(7)]);
  const texts = [namedIn(`${id(1)} ${id(2)} ${service}/0`), namedIn(`${service.toLowerCase()} ${id(2)}`)];
  assert.deepEqual(usesList(allNamed({ id: id(1) }, texts)), [id(2), service]);
  assert.deepEqual(usesList(allNamed({ id: id(1), service: `${service}/` }, texts)), [id(2)]);
  assert.equal(ownService(`${service}/3?f=json`), service);
  assert.equal(serviceOf(`http${service.slice(5).toLowerCase()}/0`), serviceOf(service));
});

test('a text that is made to be slow costs no more than its length', () => {
  const began = process.cpuUsage().user;
  for (const piece of ['http://', 'https://a/', 'https://a/b/', '/x', 'aS', '"app":'])
    namedIn(piece.repeat(Math.ceil(2_000_000 / piece.length)));
  // A quadratic search takes minutes.
  assert.ok(process.cpuUsage().user - began < 20e6);
});

test('what names something are texts below 16 MiB, and the zips of surveys; groups are no items', () => {
  const part = { path: 'data.json', role: 'data' as const, size: 1, sha256: '', lfs: false };
  assert.equal(namingForm('Web Map', part), 'text');
  assert.equal(namingForm('Form', { ...part, path: 'survey.zip' }), 'form');
  for (const other of [{ path: 'a.zip' }, { path: 'sharing.json' }, { size: 17 << 20 }, { role: 'export' as const }])
    assert.equal(namingForm('Web Map', { ...part, ...other }), undefined);
});
