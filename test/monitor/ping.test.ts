import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPing } from '../../lib/monitor/ping.ts';
import { Secret } from '../../lib/secret.ts';
import { newBackup } from '../support/backup.ts';
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
