import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBackup } from '../../support/backup.ts';

for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED']) {
  test(`a run that cannot reach the portal for ${code} says so within 20 seconds, with the cure`, async (t) => {
    const { run, open, clock } = await newBackup(t);
    const cause = Object.assign(new Error('no connection'), { code });
    await open({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
    const began = clock.now();
    const { outcome, error } = await run();
    assert.deepEqual([outcome, error?.code], ['failed', 'PORTAL_UNREACHABLE']);
    assert.match(error?.hint ?? '', /ARCGIS_PORTAL_URL/);
    assert.ok(clock.now() - began < 20_000, `${clock.now() - began}`);
  });
}
