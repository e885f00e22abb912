import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../../../lib/clock.ts';
import { withLock } from '../../../lib/storage/directory/lock.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { need } from '../bodies.ts';
import { inFolder } from '../folder.ts';

const run = promisify(execFile);

it('four processes that count in one blob lose no step', () =>
  inFolder(async (root, store) => {
    await store.put('refs/heads/main', Buffer.from('00000000'));
    const script = fileURLToPath(new URL('increment.ts', import.meta.url));
    const args = ['--no-warnings', script, root, 'refs/heads/main', '25'];
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, args)));
    assert.equal((await need(store.get('refs/heads/main'))).bytes.toString(), '00000100');
  }));

// To wait is a failure: what these tests write must be written without it.
const neverWaiting = { now: () => systemClock.now(), sleep: () => Promise.reject(new Error('waited')) };

it('writers of one process wait for each other without polling', () =>
  inFolder(async (root) => {
    const store = new DirectoryStore(root, { clock: neverWaiting });
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.put('refs/heads/main', Buffer.from(`${n}`))));
  }));

it('a lock that a killed process left is broken at once', () =>
  inFolder(async (root) => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await fs.mkdir(join(root, 'refs/heads'));
    for (const suffix of ['', '.break']) {
      await fs.writeFile(join(root, `refs/heads/main.lock${suffix}`), `${dead.pid} ${hostname()} random`);
    }
    const store = new DirectoryStore(root, { clock: neverWaiting });
    assert.notEqual(await store.put('refs/heads/main', Buffer.from('1'), { absent: true }), undefined);
    assert.deepEqual(await fs.readdir(join(root, 'refs/heads')), ['main']);
  }));

it('a lock of a living process, or of git, is waited for, and broken only when it is older than a minute', async (t) => {
  for (const holder of [`${process.pid} ${hostname()} other`, `1 another-host other`, 'an oid that git writes']) {
    await t.test(holder.replace(hostname(), 'this-host'), () =>
      inFolder(async (root) => {
        const lock = join(root, 'refs/heads/main.lock');
        await fs.mkdir(join(root, 'refs/heads'));
        await fs.writeFile(lock, holder);
        const taken = (await fs.stat(lock)).mtimeMs;
        let now = taken;
        const clock = { now: () => now, sleep: () => Promise.resolve(void (now += 1_000)) };
        const store = new DirectoryStore(root, { clock });
        assert.notEqual(await store.put('refs/heads/main', Buffer.from('1')), undefined);
        assert.ok(now - taken > 60_000 && now - taken < 63_000, `${now - taken}`);
      }),
    );
  }
});

it('a writer whose lock was broken while it hung learns of it, and leaves the new lock alone', () =>
  inFolder(async (root) => {
    const lock = join(root, 'lock');
    const held = await withLock(lock, { clock: systemClock, random: () => 'mine' }, async (isHeld) => {
      const before = await isHeld();
      await fs.writeFile(lock, `${process.pid} ${hostname()} of another`);
      return [before, await isHeld()];
    });
    assert.deepEqual(held, [true, false]);
    assert.match(await fs.readFile(lock, 'utf8'), /of another/);
  }));

it('work that fails under a lock gives it back', () =>
  inFolder(async (root) => {
    const parts = { clock: systemClock, random: () => 'mine' };
    const lock = join(root, 'lock');
    await assert.rejects(
      withLock(lock, parts, () => Promise.reject(new Error('broken'))),
      { message: 'broken' },
    );
    assert.equal(await withLock(lock, parts, () => Promise.resolve('done')), 'done');
  }));
