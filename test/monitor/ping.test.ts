import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { createPing } from '../../lib/monitor/ping.ts';
import { Secret } from '../../lib/secret.ts';
import { newBackup } from '../support/backup.ts';
import { answer, startHalfOpen } from '../support/half-open.ts';
import { startHealthchecks } from '../support/healthchecks.ts';
import { Organization } from '../support/portal/organization.ts';

const runId = '0190f3f1-0000-7000-8000-000000000000';

test('each signal has its address, with the id of the run', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  for (const url of [checks.url, `${checks.url}/`]) {
    const ping = createPing(new Secret(url), fetch);
    for (const signal of ['start', 'success', 'fail', 'log'] as const)
      assert.equal(await ping(signal, runId, 'body'), true);
  }
  assert.deepEqual(
    checks.heard.map(({ signal }) => signal),
    ['start', 'success', 'fail', 'log', 'start', 'success', 'fail', 'log'],
  );
  assert.ok(checks.heard.every((one) => one.runId === runId && one.body === 'body'));
});

test('a ping that fails says so without its address, which is a secret', async (t) => {
  const checks = await startHealthchecks();
  checks.status = 500;
  const ping = createPing(new Secret(checks.url), fetch);
  await assert.rejects(
    ping('success', runId, ''),
    (error: Error) => /answered 500/.test(error.message) && !/secret-uuid/.test(String(error.stack)),
  );
  await checks.close();
  await assert.rejects(
    ping('fail', runId, ''),
    (error: Error) => /could not be told/.test(error.message) && !/secret-uuid|127/.test(error.message),
  );
  t.after(() => undefined);
});

for (const [text, said] of [
  ['OK (not found)', /ignored "success": not found/],
  ['OK (rate limited)', /ignored "success": rate limited/],
] as const) {
  test(`an answer of 200 with "${text}" means that nobody was told`, async (t) => {
    const checks = await startHealthchecks();
    t.after(() => checks.close());
    checks.text = text;
    await assert.rejects(createPing(new Secret(checks.url), fetch)('success', runId, ''), {
      code: 'PING_FAILED',
      message: said,
    });
  });
}

test('who never answers is given up', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  checks.silent = true;
  await assert.rejects(createPing(new Secret(checks.url), fetch, 300)('start', runId, ''), {
    code: 'PING_FAILED',
    message: 'Healthchecks.io could not be told "start" (TimeoutError).',
  });
  assert.equal(checks.heard[0]?.signal, 'start');
});

test('who stops in the middle of an answer is given up', async (t) => {
  for (const body of ['', 'OK'])
    await given(t, answer(200, { 'content-length': 20 }, body), {
      message: /could not be told "start" \(TimeoutError\)/,
    });
});

async function given(t: TestContext, says: string, expected: { message: RegExp }) {
  const server = await startHalfOpen({ says });
  t.after(() => server.close());
  const url = new Secret(`http://127.0.0.1:${server.port}/secret-uuid`);
  await assert.rejects(createPing(url, fetch, 20)('start', runId, ''), { code: 'PING_FAILED', ...expected });
}

for (const url of [
  'hc-ping.com/secret-uuid',
  'https://',
  'https://user:secret-uuid@127.0.0.1:1/',
  'nothing://secret-uuid',
]) {
  test(`an address like ${url} fails the ping, without showing it`, async () => {
    await assert.rejects(createPing(new Secret(url), fetch)('start', runId, ''), (error: Error & { code?: string }) => {
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /secret-uuid/);
      return error.code === 'PING_FAILED';
    });
  });
}

for (const [name, text] of [
  ['short text', 'Zürich: 1 hinzugefügt'],
  ['long text', 'ü'.repeat(200_000)],
  ['long text outside the basic plane', `x${'🗺'.repeat(100_000)}`],
] as const) {
  test(`of a ${name} arrives what Healthchecks.io keeps, in whole characters`, async (t) => {
    const checks = await startHealthchecks();
    t.after(() => checks.close());
    await createPing(new Secret(checks.url), fetch)('log', runId, text);
    const heard = checks.heard[0]?.body ?? '';
    assert.ok(text.startsWith(heard) && Buffer.byteLength(heard) <= 100_000);
    assert.ok(heard.length === text.length || Buffer.byteLength(heard) > 99_990);
  });
}

for (const address of [
  'hc-ping.com/secret',
  'hc-ping.com:443/secret',
  'mailto:secret@example.org',
  'https://',
  'secret',
]) {
  test(`${address} is no ping address, and nothing is asked of it`, async () => {
    const never = () => assert.fail('something was asked');
    await assert.rejects(createPing(new Secret(address), never)('start', runId, ''), (error: Error) => {
      assert.match(inspect(error), /PING_FAILED/);
      assert.match(error.message, /is not an address\.$/);
      return !/secret/.test(inspect(error).replaceAll(/file:\S+/g, ''));
    });
  });
}

test('without an address nobody is told', async () => {
  assert.equal(await createPing(undefined, fetch)('start', runId, ''), false);
});

test('a run tells its start before it signs in, and its end with counts; a failed one tells why', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const org = new Organization();
  org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const { run, portal } = await newBackup(t, { org, settings: { HEALTHCHECKS_PING_URL: checks.url } });
  const first = await run();
  org.admin.password = 'changed';
  org.accounts.set('backup', org.admin);
  portal.tokens.expireAll();
  const second = await run();
  assert.deepEqual(
    checks.heard.map((one) => [one.signal, one.runId]),
    [
      ['start', first.runId],
      ['success', first.runId],
      ['start', second.runId],
      ['fail', second.runId],
    ],
  );
  assert.match(checks.heard[1]?.body ?? '', /items: 1 listed, 1 added/);
  assert.match(checks.heard[3]?.body ?? '', /AUTH_SIGN_IN: .*\nCheck ARCGIS_USERNAME/);
});

test('a partial run pings fail or success, as the settings say', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  for (const HEALTHCHECKS_PARTIAL of ['fail', 'success']) {
    const org = new Organization();
    org.addService({
      owner: 'backup',
      title: 'X',
      layers: ['A'],
      url: '{foreign}/arcgis/rest/services/x/FeatureServer',
    });
    const { run } = await newBackup(t, { org, settings: { HEALTHCHECKS_PING_URL: checks.url, HEALTHCHECKS_PARTIAL } });
    await run();
    assert.equal(checks.heard.at(-1)?.signal, HEALTHCHECKS_PARTIAL);
  }
});

test('a ping that fails never fails a run, but is reported', async (t) => {
  const checks = await startHealthchecks();
  checks.status = 503;
  t.after(() => checks.close());
  const { run } = await newBackup(t, { settings: { HEALTHCHECKS_PING_URL: checks.url } });
  const { outcome, warnings } = await run();
  assert.equal(outcome, 'complete');
  assert.equal(warnings.filter((warning) => warning.startsWith('PING_FAILED')).length, 2);
});
