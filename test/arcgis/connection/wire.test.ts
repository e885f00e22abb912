import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isWorthAnother } from '../../../lib/errors.ts';
import { openPortal } from '../../../lib/arcgis/portal.ts';
import { password, portalPair, readAll } from '../../support/open-portal.ts';
import { startPortal } from '../../support/portal/portal.ts';
import { storm } from '../../support/portal/streams.ts';
import { VirtualClock } from '../../support/clock.ts';

const listing = /content\/users/;

for (const [name, answer, pause] of [
  ['HTTP 429 with Retry-After', '429', 60_000],
  ['429 inside HTTP 200, the pause only in its text', '429-in-200', 60_000],
  ['HTTP 429 that asks for seven seconds', { busy: 7, in200: false }, 7000],
  ['HTTP 429 of a gateway, without any pause', { status: 429 }, 2000],
  ['HTTP 503', { status: 503 }, 2000],
  ['HTTP 503 that asks for a pause', { status: 503, headers: { 'Retry-After': '9' } }, 9000],
  ['HTTP 403 of a gateway that limits requests', { status: 403, body: '<h1>Rate limit exceeded</h1>' }, 2000],
  ['a connection that breaks', 'reset', 2000],
  ['a web page', 'html', 2000],
  ['an error 504 inside HTTP 200', { error: { code: 504, message: 'Your request has timed out.' } }, 2000],
] as const) {
  test(`${name} is waited out, as long as it asks for`, async (t) => {
    const { sim, portal, clock } = await portalPair(t);
    await portal.identity();
    const before = clock.now();
    sim.faults.add({ match: listing, answer });
    assert.deepEqual(await readAll(portal, 'backup'), []);
    assert.equal(clock.now() - before, pause);
  });
}

test('a pause that the portal asks one caller for is kept by all', async (t) => {
  const { sim, portal, clock } = await portalPair(t);
  await portal.identity();
  sim.faults.add({ match: listing, answer: '429' });
  const before = clock.now();
  await readAll(portal, 'backup').then(() => readAll(portal, 'backup'));
  assert.equal(clock.now() - before, 60_000);
});

test('a pause holds until the request leaves, also of who waited for a new token meanwhile', async (t) => {
  const { sim } = await portalPair(t);
  const { id } = sim.org.addItem({ owner: 'backup', type: 'PDF', title: 'A', file: 'flyer.pdf' }).record;
  let time = Date.UTC(2026, 10, 23, 2);
  const sleepers: (() => void)[] = [];
  const sleep = () => new Promise<void>((resolve) => void sleepers.push(resolve));
  const early: string[] = [];
  let isRenewing = false;
  let isPaused = false;
  let pause: () => void;
  let ask: () => void;
  const pausing = new Promise<void>((resolve) => (pause = resolve));
  const asking = new Promise<void>((resolve) => (ask = resolve));
  const fetch: typeof globalThis.fetch = async (...request) => {
    const address = request[0] as string;
    if (isPaused) early.push(address);
    // Somebody is told to pause while who has the new token is asked for the last time.
    if (isRenewing && address.includes('community/self')) {
      ask();
      await pausing;
    }
    const response = await globalThis.fetch(...request);
    if (response.status === 429) await asking;
    isPaused ||= response.status === 429;
    if (isPaused) void setImmediate().then(pause);
    return response;
  };
  const { username, password: word } = sim.org.admin;
  const credentials = password(username, word);
  const portal = openPortal({ url: sim.url, credentials, clock: { now: () => time, sleep }, fetch });
  await portal.identity();
  sim.tokens.expireAll();
  isRenewing = true;
  sim.faults.add({ match: listing, answer: '429' });
  const both = Promise.all([portal.download(id, 'data'), readAll(portal, 'backup')]);
  for (let turns = 0; turns < 10_000 && sleepers.length < 2 && early.length === 0; turns++) await setImmediate();
  assert.deepEqual([early, sleepers.length], [[], 2], 'sent in the middle of a pause');
  isPaused = false;
  time += 60_000;
  for (const wake of sleepers) wake();
  const [file] = await both;
  await file?.body[Symbol.asyncIterator]().return?.();
});

test('a page with HTTP 403 refuses one request: it is sent once, and nobody waits', async (t) => {
  const { sim, portal, clock } = await portalPair(t);
  await portal.identity();
  const before = clock.now();
  const fault = sim.faults.add({ match: listing, times: Infinity, answer: { status: 403 } });
  await assert.rejects(readAll(portal, 'backup'), { code: 'PORTAL_REFUSED', retryable: false });
  await portal.members();
  assert.deepEqual([fault.hits, clock.now() - before], [1, 0]);
});

for (const answer of ['429', '429-in-200', 'reset', 'html', { status: 503 }, { status: 500 }] as const) {
  test(`a request that gets ${JSON.stringify(answer)} each time is sent five times, and by nobody again`, async (t) => {
    const { sim, portal } = await portalPair(t);
    await portal.identity();
    const fault = sim.faults.add({ match: listing, times: Infinity, answer });
    await assert.rejects(readAll(portal, 'backup'), (error) => !isWorthAnother(error));
    assert.equal(fault.hits, 5);
  });
}

test('a portal that asks for a pause of a year is given up after some minutes', async (t) => {
  const { sim, portal, clock } = await portalPair(t);
  await portal.identity();
  const before = clock.now();
  sim.faults.add({ match: listing, times: Infinity, answer: { busy: 31_536_000, in200: false } });
  await assert.rejects(readAll(portal, 'backup'), { code: 'PORTAL_BUSY' });
  assert.ok(clock.now() - before <= 10 * 60_000);
});

for (const [name, answer, code] of [
  ['web pages', 'html', 'PORTAL_ANSWER'],
  ['half a document', { status: 200, body: '{"total": 1, "it' }, 'PORTAL_ANSWER'],
  ['a document of another shape', { status: 200, body: '{"items": 3}' }, 'PORTAL_ANSWER'],
  ['null', { status: 200, body: 'null' }, 'PORTAL_ANSWER'],
  ['nothing', { status: 200, body: '' }, 'PORTAL_ANSWER'],
  ['HTTP 404', { status: 404 }, 'PORTAL_ANSWER'],
  ['HTTP 401', { status: 401 }, 'PORTAL_ERROR'],
  [
    'a refusal',
    { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } },
    'PORTAL_REFUSED',
  ],
  ['HTTP 403 of a firewall', { status: 403, body: '<h1>Request blocked.</h1> Try again later.' }, 'PORTAL_REFUSED'],
  ['an invalid token, again and again', 'expiredToken', 'PORTAL_ERROR'],
  ['a redirect to another host', { redirect: 'https://evil.example/x' }, 'HOST_FOREIGN'],
  ['a redirect to the metadata of the cloud', { redirect: 'http://169.254.169.254/x' }, 'HOST_FOREIGN'],
  ['a redirect to nowhere', { redirect: 'http://' }, 'HOST_FOREIGN'],
] as const) {
  test(`a portal that gives ${name} is ${code}, in a sentence`, async (t) => {
    const { sim, portal } = await portalPair(t);
    sim.faults.add({ match: listing, times: Infinity, answer });
    await assert.rejects(readAll(portal, 'backup'), (error: Error & { code?: string }) => {
      assert.match(error.message, /^The content of backup: .*\.$/);
      assert.equal(error.code, code);
      return true;
    });
  });
}

test('a portal that redirects in a circle is given up', async (t) => {
  const { sim, portal } = await portalPair(t);
  sim.faults.add({
    match: listing,
    times: Infinity,
    answer: { redirect: '/sharing/rest/content/users/backup?f=json' },
  });
  await assert.rejects(readAll(portal, 'backup'), { code: 'PORTAL_ANSWER' });
});

test('a portal that never answers is given up', async (t) => {
  const { sim, portal } = await portalPair(t, { timeouts: { answer: 50, idle: 50 } });
  await portal.identity();
  sim.faults.add({ match: listing, times: Infinity, answer: 'hang' });
  await assert.rejects(readAll(portal, 'backup'), (error: Error) => /did not answer in time/.test(error.message));
});

test('a portal that gives interim answers for ever has not answered', async (t) => {
  const { sim, portal } = await portalPair(t, { timeouts: { answer: 50, idle: 50 } });
  await portal.identity();
  const never = storm(103, Infinity, () => undefined);
  const fault = sim.faults.add({ match: listing, times: Infinity, answer: { raw: never } });
  await assert.rejects(readAll(portal, 'backup'), { code: 'PORTAL_UNREACHABLE' });
  assert.equal(fault.hits, 5);
});

test('a portal that cannot be reached is named without any query', async () => {
  const gone = await startPortal();
  await gone.close();
  const portal = openPortal({
    url: gone.url,
    credentials: password('backup', 'secret-word'),
    clock: new VirtualClock(),
    fetch: globalThis.fetch,
  });
  await assert.rejects(portal.members(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'PORTAL_UNREACHABLE');
    assert.match(error.message, /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
    assert.doesNotMatch(error.message, /secret-word|\?/);
    return true;
  });
});

for (const [name, cause, retryable, hint] of [
  ['a name that nobody knows', 'ENOTFOUND', false, /resolve names/],
  ['a name server that does not answer', 'EAI_AGAIN', false, /resolve names/],
  ['a certificate that is no longer valid', 'CERT_HAS_EXPIRED', false, /NODE_EXTRA_CA_CERTS/],
  ['a certificate of another host', 'ERR_TLS_CERT_ALTNAME_INVALID', false, /NODE_EXTRA_CA_CERTS/],
  ['a server without TLS', 'ERR_SSL_WRONG_VERSION_NUMBER', false, /NODE_EXTRA_CA_CERTS/],
  ['a server that refuses connections', 'ECONNREFUSED', true, /ARCGIS_PORTAL_URL/],
] as const) {
  test(`${name} is ${retryable ? 'worth another try of the whole activity' : 'told within ten seconds, for good'}`, async () => {
    const clock = new VirtualClock();
    const before = clock.now();
    const fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: cause }) }));
    const portal = openPortal({ url: 'https://gis.example', credentials: password('backup', 'x'), clock, fetch });
    await assert.rejects(portal.identity(), {
      code: 'PORTAL_UNREACHABLE',
      retryable,
      hint,
      message: new RegExp(cause),
    });
    if (!retryable) assert.ok(clock.now() - before <= 10_000);
  });
}

test('a name that is found again within seconds costs nothing but these', async (t) => {
  const { sim, clock } = await portalPair(t);
  let failing = 2;
  const fetch: typeof globalThis.fetch = (...request) =>
    (failing -= 1) >= 0
      ? Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'EAI_AGAIN' }) }))
      : globalThis.fetch(...request);
  const { username, password: word } = sim.org.admin;
  const portal = openPortal({ url: sim.url, credentials: password(username, word), clock, fetch });
  assert.equal((await portal.identity()).username, username);
});
