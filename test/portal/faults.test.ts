import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../support/clock.ts';
import type { FaultAnswer } from '../support/portal/faults.ts';
import { errorOf, openCallers, rest, type Answer } from './caller.ts';

const self = `${rest}/community/self`;

test('a fault lets requests pass, strikes as often as it is told to, and can be taken away', async (t) => {
  const { admin, portal } = await openCallers(t);
  const fault = portal.faults.add({ match: /self$/, skip: 1, times: 2, answer: { status: 502 } });
  const statuses = async (count: number) => {
    const all: number[] = [];
    for (let n = 0; n < count; n++) all.push((await admin.get(self, { f: 'json' })).status);
    return all;
  };
  assert.deepEqual(await statuses(4), [200, 502, 502, 200]);
  assert.equal(fault.hits, 2);
  assert.equal((await admin.get(`${rest}/portals/self`, { f: 'json' })).status, 200);
  const forever = portal.faults.add({ times: Infinity, answer: { status: 504 } });
  assert.deepEqual(await statuses(2), [504, 504]);
  forever.remove();
  assert.deepEqual(await statuses(1), [200]);
});

for (const [name, answer, status, type, text] of [
  ['429', '429', 429, 'application/json', /"code":429/],
  ['429-in-200', '429-in-200', 200, 'application/json', /Retry after 60 sec\./],
  ['html', 'html', 200, 'text/html', /<h1>Sign in/],
  ['expiredToken', 'expiredToken', 200, 'application/json', /^\{"error":\{"code":498/],
  ['an error as text/plain', { error: { code: 500, message: 'no' }, type: 'text/plain' }, 200, 'text/plain', /"no"/],
  ['a gateway', { status: 503, headers: { 'Retry-After': '7' } }, 503, 'text/html', /HTTP 503/],
  ['an edit', { edit: () => ({ other: 1 }) }, 200, 'application/json', /^\{"other":1\}$/],
] as [string, FaultAnswer, number, string, RegExp][]) {
  test(`the fault ${name} looks like the real thing`, async (t) => {
    const { admin, portal } = await openCallers(t);
    portal.faults.add({ match: /self$/, answer });
    const response = await admin.get(self, { f: 'json' });
    assert.deepEqual([response.status, response.headers.get('content-type')?.split(';')[0]], [status, type]);
    assert.match(await response.text(), text);
  });
}

test('the wait after too many requests is in a header of HTTP 429, and only in the text of HTTP 200', async (t) => {
  const { admin, portal } = await openCallers(t);
  for (const [in200, header] of [
    [false, '7'],
    [true, null],
  ] as const) {
    portal.faults.add({ answer: { busy: 7, in200 } });
    const response = await admin.get(self);
    assert.equal(response.headers.get('retry-after'), header);
    assert.match(((await response.json()) as Answer).error?.details[0] ?? '', /Retry after 7 sec\./);
  }
});

test('a connection breaks before the answer, or after so many of its promised bytes', async (t) => {
  const { admin, org, portal } = await openCallers(t);
  const { id } = org.addItem({ owner: 'ana', type: 'CSV', title: 'S', data: Buffer.alloc(5000, 'x') }).record;
  portal.faults.add({ match: /data$/, answer: 'reset' });
  await assert.rejects(admin.get(`${rest}/content/items/${id}/data`));
  portal.faults.add({ match: /data$/, answer: { cutAfter: 1200 } });
  const cut = await admin.get(`${rest}/content/items/${id}/data`);
  assert.equal(cut.headers.get('content-length'), '5000');
  await assert.rejects(cut.arrayBuffer());
  assert.equal(portal.log.entries.at(-1)?.bytes, 1200);
  assert.equal((await (await admin.get(`${rest}/content/items/${id}/data`)).arrayBuffer()).byteLength, 5000);
});

test('a delay passes on the clock of the test; what happens after an answer is not in it', async (t) => {
  const clock = new VirtualClock();
  const { admin, org, portal } = await openCallers(t, { clock });
  const { id } = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: {} }).record;
  const before = clock.now();
  portal.faults.add({ answer: { delay: 600_000 } });
  await admin.read(self);
  assert.equal(clock.now() - before, 600_000);
  portal.faults.add({ match: /content\/users/, answer: { after: () => org.deleteItem(id) } });
  assert.equal((await admin.read(`${rest}/content/users/ana`)).items.length, 1);
  assert.deepEqual(errorOf(await admin.read(`${rest}/content/items/${id}`)), [400, 'CONT_0001']);
});

test('half an answer looks whole; an answer that drips is whole in the end', async (t) => {
  const clock = new VirtualClock();
  const { admin, portal } = await openCallers(t, { clock });
  const whole = await (await admin.get(self, { f: 'json' })).text();
  portal.faults.add({ answer: 'half' });
  const half = await admin.get(self, { f: 'json' });
  assert.equal(Number(half.headers.get('content-length')), Math.floor(Buffer.byteLength(whole) / 2));
  assert.equal(await half.text(), whole.slice(0, Math.floor(whole.length / 2)));
  const before = clock.now();
  portal.faults.add({ answer: { drip: 60_000 } });
  assert.equal(await (await admin.get(self, { f: 'json' })).text(), whole);
  assert.equal(clock.now() - before, 240_000);
});

test('a fault by chance strikes some requests, and the same ones for the same seed', async (t) => {
  const strikes = async (seed: number) => {
    const { admin, portal } = await openCallers(t);
    const fault = portal.faults.add({ match: /self$/, times: Infinity, rate: 0.3, seed, answer: { status: 502 } });
    const statuses: number[] = [];
    for (let n = 0; n < 20; n++) statuses.push((await admin.get(self, { f: 'json' })).status);
    assert.equal(statuses.filter((status) => status === 502).length, fault.hits);
    assert.equal(portal.faults.hits, fault.hits);
    return statuses;
  };
  const first = await strikes(1);
  assert.ok(first.includes(200) && first.includes(502));
  assert.deepEqual(await strikes(1), first);
  assert.notDeepEqual(await strikes(2), first);
});
