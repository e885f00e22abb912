import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rename } from '../../../lib/storage/directory/rename.ts';

/** A disk on which a scanner holds the file for so many tries, and a clock on which nobody waits. */
function disk(tries: number, code: string, platform: NodeJS.Platform = 'win32') {
  let [now, calls] = [0, 0];
  const clock = { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)) };
  const act = () => {
    calls += 1;
    return calls > tries ? Promise.resolve() : Promise.reject(Object.assign(new Error(code), { code }));
  };
  return { parts: { platform, clock, rename: act }, calls: () => calls, waited: () => now };
}

for (const code of ['EPERM', 'EBUSY', 'EACCES'])
  test(`a rename that a scanner holds up (${code}) is tried again on Windows`, async () => {
    const { parts, calls } = disk(5, code);
    await rename('a', 'b', parts);
    assert.equal(calls(), 6);
  });

test('what is held for ever ends after ten seconds; what is no hold, and elsewhere than on Windows, ends at once', async () => {
  const forever = disk(Infinity, 'EBUSY');
  await assert.rejects(rename('a', 'b', forever.parts), { code: 'EBUSY' });
  assert.ok(forever.waited() > 5000 && forever.waited() <= 10_000, `${forever.waited()}`);
  for (const { parts, calls } of [disk(1, 'ENOENT'), disk(1, 'EPERM', 'linux')]) {
    await assert.rejects(rename('a', 'b', parts));
    assert.equal(calls(), 1);
  }
});
