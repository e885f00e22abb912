import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idMap, noMap } from '../../../lib/restore/references/id-map.ts';
import { rewriteZip } from '../../../lib/restore/references/rewrite-zip.ts';
import { fixture } from '../../support/portal/content.ts';
import { readZip } from '../../support/portal/unzip.ts';
import { zipOf } from '../../support/portal/zip.ts';

const [old, now] = ['0123456789abcdef0123456789abcdef', 'f'.repeat(32)];
const map = idMap([[old, now]]);
const workbook = (id: string) => zipOf([['xl/sharedStrings.xml', Buffer.from(`<si><t>${id}</t></si>`)]]);
const png = fixture('logo.png').bytes();
const survey = (id: string): [string, Buffer][] => [
  ['esriinfo/form.itemInfo', Buffer.from(`{"id":"${id}"}`)],
  ['esriinfo/form.info', Buffer.from(`{"serviceInfo":{"itemId":"${id}"}}`)],
  ['esriinfo/form.webform', Buffer.from(`{"layerId":"${id}"}`)],
  ['esriinfo/form.xml', Buffer.from(`<h:html><!-- ${id} --></h:html>`)],
  ['esriinfo/media/logo.png', Buffer.concat([png, Buffer.from(old)])],
];

test('the texts of a survey are rewritten, its workbook too, and everything else in it stays', async () => {
  const zip = zipOf([...survey(old), ['esriinfo/form.xlsx', workbook(old)]]);
  const members = await readZip(await rewriteZip(zip, map));
  const [book] = members.splice(-1);
  assert.deepEqual(members, survey(now));
  assert.deepEqual(await readZip(book?.[1] ?? Buffer.of()), await readZip(workbook(now)));
});

test('the same survey becomes the same bytes', async () => {
  const zip = zipOf(survey(old));
  assert.deepEqual(await rewriteZip(zip, map), await rewriteZip(zip, map));
});

test('a zip that names nothing, or is none, stays as it is', async () => {
  for (const zip of [zipOf(survey('e'.repeat(32))), Buffer.from('no zip'), fixture('inspections.xlsx').bytes()])
    assert.equal(await rewriteZip(zip, map), zip);
  const zip = zipOf(survey(old));
  assert.equal(await rewriteZip(zip, noMap), zip);
});
