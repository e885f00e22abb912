import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { bytesOf, portalPair } from '../../support/open-portal.ts';
import { contentOf } from '../../support/portal/content.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import { bomb, flood } from '../../support/portal/streams.ts';
import { largeZip } from '../../support/portal/zip.ts';

const data = /\/data$/;
const file = { owner: 'backup', type: 'Shapefile', title: 'Roads', name: 'roads.zip' };

test('a small file comes straight, a large one from storage on another origin, without credentials', async (t) => {
  const { sim, portal } = await portalPair(t);
  for (const size of [100, 100_000]) {
    const content = largeZip(size);
    const { record } = sim.org.addItem({ ...file, data: content });
    const found = await portal.download(record.id, 'data');
    assert.ok(found);
    assert.deepEqual([found.fileName, found.size], ['roads.zip', content.size]);
    assert.ok((await bytesOf(found.body)).equals(content.bytes()));
  }
  assert.deepEqual(
    sim.log.filter(({ host }) => host === 'storage').map(({ tokenIn, referer }) => [tokenIn, referer]),
    [[null, null]],
  );
});

test('what the portal does not have is undefined, in each of its ways to say so; no byte is a file without bytes', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record: empty } = sim.org.addItem({ ...file, missing: 'empty' });
  assert.equal((await portal.download(empty.id, 'data'))?.size, 0);
  for (const missing of ['noFile', 'noSection'] as const) {
    const { record } = sim.org.addItem({ ...file, missing });
    assert.equal(await portal.download(record.id, 'data'), undefined, missing);
    assert.equal(await portal.download(record.id, 'metadata'), undefined);
  }
});

for (const type of ['application/json', 'text/plain', 'application/zip', 'application/octet-stream']) {
  test(`an error document typed ${type} is no file`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addItem({ ...file, data: 'zip' });
    sim.faults.add({
      match: data,
      answer: {
        error: { code: 400, messageCode: 'CONT_0001', message: 'Item does not exist or is inaccessible.' },
        type,
      },
    });
    await assert.rejects(portal.download(record.id, 'data'), { code: 'ITEM_GONE' });
  });
}

test('a member\'s own JSON with a key "error" is a file', async (t) => {
  const { sim, portal } = await portalPair(t);
  const text = JSON.stringify({ error: { code: 404, message: 'our own page' }, version: 1 });
  const { record } = sim.org.addItem({ ...file, type: 'Web Map', name: null, data: text });
  const found = await portal.download(record.id, 'data');
  assert.equal((await bytesOf(found?.body ?? assert.fail())).toString(), text);
});

const listed = { size: 5, isHeld: true, name: 'sites.csv' };
const failed = { code: 500, message: 'Error getting file' };
for (const [name, body, headers] of [
  ['JSON with more than an error in it', JSON.stringify({ error: failed, requestId: 'x', help: { at: 'y' } }), {}],
  ['JSON behind a byte order mark and spaces', `\ufeff\n ${JSON.stringify({ error: failed })}`, {}],
  ['the words of a server', JSON.stringify({ status: 'error', messages: ['Failed.'], code: 500 }), {}],
  ['a web page with a name', '<html><p>Sorry', { 'Content-Disposition': 'attachment; filename="sites.csv"' }],
  ['a web page as text', '<!DOCTYPE html><p>Sorry', { 'Content-Type': 'text/plain' }],
] as const) {
  test(`${name} is no file, where it has another size than is listed, or the file is no such thing`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addItem({ ...file, data: 'bytes' });
    const answer = { status: 200, headers: { 'Content-Type': 'text/plain', ...headers }, body };
    sim.faults.add({ match: data, times: Infinity, answer });
    const isPage = body.startsWith('<');
    for (const expected of [listed, { name: 'sites.csv' }]) {
      await assert.rejects(portal.download(record.id, 'data', expected), {
        code: isPage ? 'PORTAL_ANSWER' : 'PORTAL_ERROR',
      });
    }
    const same = { ...listed, size: Buffer.byteLength(body) };
    const found = await portal.download(record.id, 'data', same);
    assert.equal(
      (await bytesOf(found?.body ?? assert.fail())).toString(),
      body,
      'what has the listed size is the file',
    );
  });
}

test('the error document of a gateway is no file, though nobody knows its size', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: 'bytes' });
  const body = JSON.stringify({ error: failed, success: false, status: 'failed', timestamp: 1, path: '/data' });
  sim.faults.add({ match: data, answer: { status: 200, headers: { 'Content-Type': 'text/plain' }, body } });
  await assert.rejects(portal.download(record.id, 'data'), { code: 'PORTAL_ERROR' });
});

test('a file of another size than is listed is refused before it is read', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: 'bytes' });
  for (const size of [4, 6])
    await assert.rejects(portal.download(record.id, 'data', { ...listed, size }), { code: 'ITEM_DAMAGED' });
});

test('an answer that breaks off before its first byte is not taken for an empty file', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: 'bytes' });
  sim.faults.add({ match: data, times: 2, answer: { cutAfter: 0 } });
  const found = await portal.download(record.id, 'data');
  assert.equal((await bytesOf(found?.body ?? assert.fail())).toString(), 'bytes');
});

test('a sign-in page is no file, and one more try may get the true one', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: 'bytes' });
  sim.faults.add({ match: data, answer: 'html' });
  const found = await portal.download(record.id, 'data');
  assert.equal((await bytesOf(found?.body ?? assert.fail())).toString(), 'bytes');
  sim.faults.add({ match: data, times: Infinity, answer: 'html' });
  await assert.rejects(portal.download(record.id, 'data'), { code: 'PORTAL_ANSWER' });
});

test('an HTML file of a member is a file, since it has a name', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({
    ...file,
    name: 'page.html',
    data: contentOf('<!DOCTYPE html><p>ours', 'text/html'),
  });
  const found = await portal.download(record.id, 'data');
  assert.equal((await bytesOf(found?.body ?? assert.fail())).toString(), '<!DOCTYPE html><p>ours');
});

test('a token that dies before the download is renewed', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: 'bytes' });
  sim.faults.add({ match: data, answer: 'expiredToken' });
  const found = await portal.download(record.id, 'data');
  assert.equal((await bytesOf(found?.body ?? assert.fail())).toString(), 'bytes');
});

test('a download that breaks is resumed at the same byte, from storage with a range, as often as it breaks', async (t) => {
  const { sim, portal } = await portalPair(t);
  const content = largeZip(3_000_000);
  const { record } = sim.org.addItem({ ...file, data: content });
  const fault = sim.faults.add({ match: ({ host }) => host === 'storage', times: 3, answer: { cutAfter: 700_000 } });
  const found = await portal.download(record.id, 'data');
  assert.ok((await bytesOf(found?.body ?? assert.fail())).equals(content.bytes()));
  assert.equal(fault.hits, 3);
  const sent = sim.log.filter(({ host }) => host === 'storage').reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(sent < content.size * 1.2, `only the rest is sent again, not ${sent} bytes`);
});

test('a file that changed while its download was broken is not put together from two', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: largeZip(1_000_000, 1) });
  sim.faults.add({ match: ({ host }) => host === 'storage', answer: { cutAfter: 300_000 } });
  const found = await portal.download(record.id, 'data');
  sim.org.replaceData(record.id, largeZip(1_000_000, 2));
  await assert.rejects(bytesOf(found?.body ?? assert.fail()), { code: 'ITEM_TRUNCATED' });
});

test('a file that never comes whole fails, with how far it came', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: largeZip(1_000_000) });
  sim.faults.add({ match: ({ host }) => host === 'storage', times: Infinity, answer: { cutAfter: 1000 } });
  const found = await portal.download(record.id, 'data');
  await assert.rejects(bytesOf(found?.body ?? assert.fail()), { code: 'PORTAL_UNREACHABLE' });
});

test('a download from which nothing comes any more is broken off', async (t) => {
  const { sim, portal } = await portalPair(t, { timeouts: { answer: 50, idle: 50 } });
  const { record } = sim.org.addItem({ ...file, data: largeZip(1_000_000) });
  sim.faults.add({ match: ({ host }) => host === 'storage', times: Infinity, answer: 'hang' });
  await assert.rejects(portal.download(record.id, 'data'), { code: 'PORTAL_UNREACHABLE' });
});

for (const target of [
  'http://169.254.169.254/latest',
  'http://10.0.0.1/x',
  'file:///etc/passwd',
  'https://127.0.0.2/x',
]) {
  test(`a download is not redirected to ${target}`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addItem({ ...file, data: 'bytes' });
    sim.faults.add({ match: data, times: Infinity, answer: { redirect: target } });
    await assert.rejects(portal.download(record.id, 'data'), { code: 'HOST_FOREIGN' });
  });
}

for (const coding of ['gzip', 'br'] as const) {
  test(`a file that ${coding} makes small on the way is read when it is no bomb`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addItem({ ...file, data: 'bytes' });
    const fault = sim.faults.add({ match: data, times: Infinity, answer: { raw: bomb(coding, 3, 'PK') } });
    const found = await portal.download(record.id, 'data');
    assert.equal((await bytesOf(found?.body ?? assert.fail())).length, 3 * 1024 * 1024 + 2);
    fault.remove();
    if (coding === 'br') return;
    sim.faults.add({ match: data, times: Infinity, answer: { raw: bomb(coding, 10_000, 'PK') } });
    const evil = await portal.download(record.id, 'data');
    let length = 0;
    const readToEnd = async () => {
      for await (const piece of evil?.body ?? []) length += piece.length;
    };
    await assert.rejects(readToEnd, { code: 'ITEM_DAMAGED' });
    assert.ok(length <= 256 * 1024 * 1024);
  });
}

test('a resumed download that goes on beyond the end is broken off', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: largeZip(1_000_000) });
  const storage = ({ host }: { host: string }) => host === 'storage';
  sim.faults.add({ match: storage, answer: { cutAfter: 300_000 } });
  const rest = { status: 206, headers: { 'Content-Range': 'bytes 300000-999999/*' } };
  const endless = flood('', 'x'.repeat(1000), Infinity, '', rest);
  sim.faults.add({ match: storage, times: Infinity, answer: { raw: endless } });
  const found = await portal.download(record.id, 'data');
  let length = 0;
  const readToEnd = async () => {
    for await (const piece of found?.body ?? []) length += piece.length;
  };
  await assert.rejects(readToEnd, { code: 'ITEM_DAMAGED' });
  assert.ok(length <= (found?.size ?? 0), `${length} bytes were handed on`);
});

test('a file of more bytes than any file has is refused before it is read', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addItem({ ...file, data: 'bytes' });
  const petabytes = { 'Content-Length': String(9 * 1024 ** 5) };
  sim.faults.add({
    match: data,
    answer: { raw: (response) => void response.writeHead(200, petabytes).write('PK'.repeat(500)) },
  });
  await assert.rejects(portal.download(record.id, 'data'), { code: 'ITEM_DAMAGED' });
});

test('a piece that nobody asked for is no whole file: the rest is asked for', async (t) => {
  const { sim, portal } = await portalPair(t);
  const content = largeZip(100_000);
  const { record } = sim.org.addItem({ ...file, data: content });
  const storage = ({ host }: { host: string }) => host === 'storage';
  const body = content.bytes().toString('latin1', 0, 20);
  const range = { 'Content-Range': `bytes 0-${Buffer.byteLength(body) - 1}/${content.size}`, ETag: content.etag };
  sim.faults.add({ match: storage, answer: { status: 206, headers: range, body } });
  const found = await portal.download(record.id, 'data');
  assert.equal(found?.size, content.size);
  assert.equal((await bytesOf(found?.body ?? assert.fail())).length, content.size);
  for (const [status, headers] of [
    [206, { 'Content-Range': 'bytes 5-9/10' }],
    [202, {}],
  ] as const) {
    sim.faults.add({ match: storage, times: 5, answer: { status, headers, body: 'bytes' } });
    await assert.rejects(portal.download(record.id, 'data'), { code: 'PORTAL_ANSWER' });
  }
});

for (const [name, headers] of [
  ['of another day', { 'Last-Modified': 'Sun, 29 Nov 2026 00:00:00 GMT', 'Content-Range': 'bytes 300000-*' }],
  ['of another length', { 'Content-Range': 'bytes 300000-300004/300005' }],
  ['with another tag', { ETag: '"other"', 'Content-Range': 'bytes 300000-*' }],
] as const) {
  test(`a rest ${name} is not put behind the beginning, whatever was asked for`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const content = largeZip(1_000_000);
    const { record } = sim.org.addItem({ ...file, data: content });
    const storage = ({ host }: { host: string }) => host === 'storage';
    const all = { 'Last-Modified': 'Sat, 28 Nov 2026 00:00:00 GMT', 'Content-Length': content.size };
    const cut = content.bytes().subarray(0, 300_000);
    const broken = (response: ServerResponse) =>
      void response.writeHead(200, { ETag: '"one"', ...all }).write(cut, () => response.destroy());
    const answer: FaultAnswer = { raw: broken };
    sim.faults.add({ match: storage, answer });
    const found = await portal.download(record.id, 'data');
    const range = headers['Content-Range'].replace('*', `999999/${content.size}`);
    sim.faults.add({
      match: storage,
      times: Infinity,
      answer: { status: 206, headers: { ...headers, 'Content-Range': range }, body: 'other' },
    });
    await assert.rejects(bytesOf(found?.body ?? assert.fail()), { code: 'ITEM_TRUNCATED' });
  });
}
