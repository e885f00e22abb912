import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { largeZip } from '../support/portal/zip.ts';
import { openCallers, rest } from './caller.ts';

const data = largeZip(200_000);

/** A file of the storage, and a fresh signed address of it. */
async function openStorage(t: TestContext) {
  const callers = await openCallers(t);
  const { record } = callers.org.addItem({ owner: 'ana', type: 'File Geodatabase', title: 'Parcels', data });
  const address = async () => {
    const answer = await callers.admin.get(`${rest}/content/items/${record.id}/data`);
    return answer.headers.get('location') ?? assert.fail();
  };
  const read = async (headers: Record<string, string>) => {
    const response = await fetch(await address(), { headers });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  return { ...callers, address, read };
}

test('the storage gives whole files, parts of them, and the whole again when the tag is another', async (t) => {
  const { read } = await openStorage(t);
  const whole = await read({});
  assert.ok(whole.bytes.equals(data.bytes()));
  const etag = whole.headers.get('etag') ?? assert.fail();
  const part = await read({ Range: 'bytes=70000-', 'If-Range': etag });
  assert.deepEqual(
    [part.status, part.headers.get('content-range')],
    [206, `bytes 70000-${data.size - 1}/${data.size}`],
  );
  assert.ok(part.bytes.equals(data.bytes().subarray(70_000)));
  const middle = await read({ Range: 'bytes=10-19' });
  assert.ok(middle.bytes.equals(data.bytes().subarray(10, 20)));
  assert.equal((await read({ Range: 'bytes=10-', 'If-Range': '"other"' })).status, 200);
  assert.equal((await read({ Range: `bytes=${data.size}-` })).status, 416);
});

test('a signed address is good once, and not at all with another signature', async (t) => {
  const { address } = await openStorage(t);
  const url = await address();
  assert.equal((await fetch(url.replace(/Signature=\w+/, 'Signature=x'))).status, 403);
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await fetch(url)).status, 403);
});

test('the storage refuses credentials wherever they are, and notes the place, not the value', async (t) => {
  const { address, portal } = await openStorage(t);
  const { token } = portal.tokens.issue('backup', 60);
  for (const [place, headers, query] of [
    ['authorization', { Authorization: 'Bearer x' }, ''],
    ['x-esri-authorization', { 'X-Esri-Authorization': 'Bearer x' }, ''],
    ['cookie', { Cookie: 'agwtoken=x' }, ''],
    ['token', {}, '&token=x'],
    ['referer', { Referer: `${portal.url}/?token=${token}` }, ''],
    ['x', {}, `&x=${token}`],
    ['x', {}, `&x=${encodeURIComponent(portal.org.admin.password)}`],
  ] as [string, Record<string, string>, string][]) {
    portal.leaks.length = 0;
    const url = await address();
    assert.equal((await fetch(url + query, { headers })).status, 400, place);
    assert.equal(portal.leaks.length, 1);
    assert.match(portal.leaks[0] ?? '', new RegExp(`^storage /items/s\\d+: ${place}$`));
    assert.equal((await fetch(url)).status, 200, 'a refused request does not use up the address');
  }
});

test('a credential that arrives is a leak, whatever is answered and at whatever address', async (t) => {
  const { address, portal } = await openStorage(t);
  const headers = { 'X-Esri-Authorization': 'Bearer x' };
  portal.faults.add({ match: ({ host }) => host === 'storage', times: 2, answer: { status: 503 } });
  await fetch(await address(), { headers });
  portal.faults.add({ match: ({ host }) => host === 'storage', answer: 'reset' });
  await fetch(`${portal.storageUrl}/nowhere`, { headers });
  await assert.rejects(fetch(`${portal.storageUrl}/nowhere`, { headers }));
  assert.equal(portal.leaks.length, 3);
  await fetch(`${portal.storageUrl}/nowhere`);
  assert.equal(portal.leaks.length, 3);
});

test('a foreign host answers like a service, and records every request and every credential', async (t) => {
  const { admin, org, portal } = await openCallers(t);
  const url = '{foreign}/arcgis/rest/services/x/FeatureServer';
  const { id } = org.addService({ owner: 'ana', title: 'Elsewhere', layers: ['A'], url }).record;
  const { url: address } = await admin.read<{ url: string }>(`${rest}/content/items/${id}`);
  assert.equal(address, url.replace('{foreign}', portal.foreignUrl));
  assert.deepEqual(await (await fetch(`${address}/layers?f=json`)).json(), { layers: [], tables: [] });
  assert.deepEqual([portal.log.count(({ host }) => host === 'foreign'), portal.leaks], [1, []]);
  const { token } = portal.tokens.issue('backup', 60);
  await fetch(`${address}/layers`, { method: 'POST', body: new URLSearchParams({ f: 'json', token }) });
  await fetch(`${address}/${token}`);
  assert.deepEqual(
    portal.leaks.map((line) => line.split(': ')[1]),
    ['token', 'path'],
  );
  assert.ok(!portal.leaks[0]?.includes(token));
});

test('the log knows who asked and how, and holds no secret', async (t) => {
  const { nobody, portal } = await openCallers(t);
  const { token } = portal.tokens.issue('ana', 60);
  const headers = { 'X-Esri-Authorization': `Bearer ${token}` };
  await nobody.get(`${rest}/community/self`, { f: 'json' }, headers);
  await nobody.get(`${rest}/community/self`, { f: 'json', token });
  await nobody.post(`${rest}/generateToken`, { username: 'ana', password: 'ana-password' });
  const [first, second, third] = portal.log.entries;
  assert.deepEqual([first?.who, first?.tokenIn, second?.tokenIn, third?.who], ['ana', 'header', 'query', null]);
  assert.doesNotMatch(JSON.stringify(portal.log.entries), new RegExp(`${token}|ana-password`));
  assert.equal(portal.log.count(/^GET .*\/community\/self$/), 2);
});
