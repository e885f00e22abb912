import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { RunRecord } from '../../lib/backup/run.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';

async function api(t: TestContext, settings: Record<string, string> = {}) {
  const org = new Organization();
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
  const backup = await newBackup(t, { org, settings });
  const { host } = await backup.open();
  const ask = async (method: string, path: string, body?: string) => {
    const answer = await host.request({ method, path, headers: {}, ...(body !== undefined && { body }) });
    return { ...answer, json: answer.body === '' ? undefined : (JSON.parse(answer.body) as Record<string, unknown>) };
  };
  return { ...backup, host, ask };
}

test('a run is accepted once; who asks again is led to the one under way', async (t) => {
  const { ask, host } = await api(t);
  const first = await ask('POST', '/api/backups');
  assert.equal(first.status, 202);
  assert.equal(first.headers['retry-after'], '10');
  const location = first.headers['location'] ?? '';
  assert.equal(location, `/api/backups/${String(first.json?.['runId'])}`);
  const second = await ask('POST', '/api/backups', '{}');
  assert.deepEqual([second.status, second.headers['location'], second.json?.['code']], [409, location, 'RUN_ACTIVE']);
  assert.equal(second.headers['content-type'], 'application/problem+json');
  assert.equal((await ask('GET', location)).json?.['status'], 'running');
  await host.completed('ago-backup');
  const after = await ask('GET', location);
  assert.deepEqual([after.status, after.json?.['status'], after.json?.['added']], [200, 'complete', 1]);
  const { runs } = (await ask('GET', '/api/backups')).json as { runs: RunRecord[] };
  assert.deepEqual(
    runs.map(({ runId }) => runId),
    [first.json?.['runId']],
  );
});

for (const body of [
  '{',
  '[]',
  '{"users": "ana"}',
  '{"items": ["short"]}',
  '{"everything": true}',
  `{"users": [${'"x",'.repeat(2000)}"x"]}`,
]) {
  test(`a request of ${body.slice(0, 30)} is refused with 400`, async (t) => {
    const { ask } = await api(t);
    const { status, json } = await ask('POST', '/api/backups', body);
    assert.deepEqual([status, json?.['code']], [400, 'USAGE']);
    assert.equal((await ask('GET', '/api/backups')).body, '{"runs":[]}');
  });
}

test('a run that never was is 404, for asking and for ending', async (t) => {
  const { ask } = await api(t);
  for (const method of ['GET', 'DELETE'])
    assert.equal((await ask(method, '/api/backups/0190f3f1-0000-7000-8000-000000000000')).status, 404);
});

test('a run that is cancelled publishes nothing, leaves no export, and the next run completes it', async (t) => {
  const { ask, host, portal, run } = await api(t);
  portal.jobs.rules.end = 'never';
  const { headers } = await ask('POST', '/api/backups');
  while (portal.leftovers().length === 0) await new Promise((resolve) => setImmediate(resolve));
  const ended = await ask('DELETE', headers['location'] ?? '');
  assert.deepEqual([ended.status, ended.json?.['status']], [200, 'cancelled']);
  await host.completed('ago-backup');
  assert.equal((await ask('GET', headers['location'] ?? '')).json?.['status'], 'cancelled');
  portal.jobs.rules.end = 'completed';
  const record = await run();
  assert.deepEqual([record.outcome, record.added], ['complete', 1]);
  while (portal.leftovers().length > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a run that has been silent for hours is ended, reported as dead, and followed by a new one', async (t) => {
  const { ask, host, portal, clock } = await api(t);
  portal.faults.add({ match: /content\/users/, times: Infinity, answer: 'hang' });
  const first = await ask('POST', '/api/backups');
  while (portal.log.count(/content\/users/) === 0) await new Promise((resolve) => setImmediate(resolve));
  portal.faults.clear();
  clock.advance(24 * 3_600_000);
  await host.runTimer('startBackup');
  const ended = await ask('GET', first.headers['location'] ?? '');
  assert.deepEqual([ended.json?.['status'], (ended.json?.['error'] as { code: string }).code], ['failed', 'RUN_DEAD']);
  await host.completed('ago-backup');
  const { runs } = (await ask('GET', '/api/backups')).json as { runs: RunRecord[] };
  assert.deepEqual(
    runs.map(({ outcome }) => outcome),
    ['complete', 'failed'],
  );
});

test('health is 200 while the store answers, and tells nothing', async (t) => {
  const { ask } = await api(t);
  const { status, body } = await ask('GET', '/api/health');
  assert.deepEqual([status, body], [200, '']);
});

test('the doctor can be asked inside the app', async (t) => {
  const { ask } = await api(t);
  const { status, json } = await ask('GET', '/api/doctor');
  assert.deepEqual([status, json?.['ok']], [200, true]);
});

test('the doctor gives a portal that does not answer two tries and few seconds; a run is patient', async (t) => {
  const { open, clock } = await newBackup(t);
  let asked = 0;
  const nobody = () => {
    asked += 1;
    return Promise.reject(
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
    );
  };
  const { app } = await open({ fetch: nobody });
  const began = clock.now();
  const checks = await Array.fromAsync(app.diagnose());
  assert.deepEqual(
    checks.map(({ name, ok, failure }) => [name, ok, failure?.code]),
    [
      ['settings', true, undefined],
      ['sign-in', false, 'PORTAL_UNREACHABLE'],
      ['members', false, undefined],
      ['store', true, undefined],
      ['ping', true, undefined],
    ],
  );
  assert.equal(asked, 2);
  assert.ok(clock.now() - began <= 5000, `${clock.now() - began} ms by the portal's clock`);
});

test('after a fortnight the timer lets Durable forget what has ended; the record still says it', async (t) => {
  const { ask, host, clock, run } = await api(t);
  await run();
  const { runs } = (await ask('GET', '/api/backups')).json as { runs: RunRecord[] };
  const lanes = host.stats().instances;
  clock.advance(15 * 86_400_000);
  await host.runTimer('startBackup');
  await host.completed('ago-backup');
  assert.equal(host.stats().instances, lanes);
  clock.advance(15 * 86_400_000);
  await host.runTimer('startVerify');
  await host.completed('ago-backup-verify');
  clock.advance(15 * 86_400_000);
  await host.runTimer('startBackup');
  await host.completed('ago-backup');
  assert.equal(host.stats().instances, lanes, 'the verification is forgotten');
  const old = await ask('GET', `/api/backups/${runs[0]?.runId ?? ''}`);
  assert.deepEqual([old.status, old.json?.['status']], [200, 'complete']);
});

test('a dry run that is asked for says what a run would do, keeps no run from beginning, and stands in no list', async (t) => {
  const { ask, host } = await api(t);
  const first = await ask('POST', '/api/backups', '{"dryRun": true}');
  const location = first.headers['location'] ?? '';
  assert.deepEqual([first.status, location], [202, `/api/backups/${String(first.json?.['runId'])}`]);
  const second = await ask('POST', '/api/backups', '{"dryRun": true}');
  assert.deepEqual([second.status, second.headers['location']], [409, location]);
  const { status, phase, dryRun } = (await ask('GET', location)).json ?? {};
  assert.deepEqual([status, phase, dryRun], ['running', 'dry-run', true]);
  await host.completed('ago-backup-dry-run');
  const after = (await ask('GET', location)).json;
  assert.deepEqual(
    [after?.['status'], after?.['dryRun'], after?.['added'], after?.['commit']],
    ['complete', true, 1, null],
  );
  const { changes } = (await ask('GET', `${location}/changes`)).json as { changes: { op: string; title: string }[] };
  assert.deepEqual(
    changes.map(({ op, title }) => [op, title]),
    [['added', 'Parcels']],
  );
  assert.deepEqual((await ask('GET', '/api/backups')).json, { runs: [] });
  assert.equal((await ask('POST', '/api/backups')).status, 202);
  assert.equal((await host.completed('ago-backup')).error, undefined);
});

test('a dry run that cannot sign in says so, and leaves no failed run behind', async (t) => {
  const { ask, host, portal } = await api(t);
  portal.faults.add({ match: /portals\/self/, times: Infinity, answer: { error: { code: 400, message: 'Invalid.' } } });
  const { headers } = await ask('POST', '/api/backups', '{"dryRun": true}');
  await host.completed('ago-backup-dry-run');
  const after = (await ask('GET', headers['location'] ?? '')).json as { status: string; error: { code: string } };
  assert.deepEqual([after.status, typeof after.error.code], ['failed', 'string']);
  assert.deepEqual((await ask('GET', '/api/backups')).json, { runs: [] });
});

test('a dry run can be ended', async (t) => {
  const { ask, host, portal } = await api(t);
  portal.faults.add({ match: /content\/users/, times: 1, answer: 'hang' });
  const { headers } = await ask('POST', '/api/backups', '{"dryRun": true}');
  const ended = await ask('DELETE', headers['location'] ?? '');
  assert.deepEqual([ended.status, ended.json?.['status']], [200, 'cancelled']);
  await host.completed('ago-backup-dry-run');
});
