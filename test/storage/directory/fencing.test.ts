import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { move, moveAway } from '../../../lib/storage/directory/files.ts';
import { Folders } from '../../../lib/storage/directory/folders.ts';
import { textOf, thisHolder } from '../../../lib/storage/directory/holder.ts';
import { withLock } from '../../../lib/storage/directory/lock.ts';
import { DirectoryStore, type DirectoryParts } from '../../../lib/storage/directory/directory.ts';
import { need, pieces } from '../bodies.ts';
import { inFolder } from '../folder.ts';

const run = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const branch = 'refs/heads/main';

/** A clock that is so many ms ahead of that of the disk, and on which nobody waits; `slept` ms so far. */
function clockAhead(ms: number) {
  const clock = {
    slept: 0,
    now: () => Date.now() + ms + clock.slept,
    sleep: (pause: number) => Promise.resolve(void (clock.slept += Math.max(pause, 1000))),
  };
  return clock;
}

/** Writes the branch although there is a lock; how long it waited for that, ms. */
async function waitedFor(
  root: string,
  mark: string,
  more: { ahead?: number; dated?: number } & Partial<DirectoryParts>,
) {
  const { ahead = 0, dated = 0, ...parts } = more;
  const lock = join(root, `${branch}.lock`);
  await fs.mkdir(join(root, 'refs/heads'), { recursive: true });
  await fs.writeFile(lock, mark);
  const at = Date.now() / 1000 + dated / 1000;
  if (dated !== 0) await fs.utimes(lock, at, at);
  const clock = clockAhead(ahead);
  assert.notEqual(await new DirectoryStore(root, { ...parts, clock }).put(branch, Buffer.from('1')), undefined);
  assert.deepEqual(await fs.readdir(join(root, 'refs/heads')), ['main'], 'nothing is left of the lock');
  return clock.slept;
}

const minute = 60_000;
const elsewhere = `7 another-boot/pid:[4026531836] 4711 random`;

for (const [what, ahead] of [
  ['behind', 2 * minute],
  ['ahead', -2 * minute],
] as const) {
  it(`on a disk whose clock is two minutes ${what} a lock is waited for as long as on any other`, () =>
    inFolder(async (root) => {
      const waited = await waitedFor(root, elsewhere, { ahead });
      assert.ok(waited > minute && waited < minute + 3000, `${waited}`);
    }));
}

it('a lock that another host has dated years ahead is taken over when nobody gives it back for a minute', () =>
  inFolder(async (root) => {
    const waited = await waitedFor(root, elsewhere, { dated: 10 * 365 * 24 * 60 * minute });
    assert.ok(waited > minute && waited < minute + 3000, `${waited}`);
  }));

it('a lock that the disk says is old is taken over at once', () =>
  inFolder(async (root) => {
    assert.equal(await waitedFor(root, elsewhere, { dated: -2 * minute, ahead: -5 * minute }), 0);
  }));

it('a container with the same host name and the same process number is another one, and may be alive', () =>
  inFolder(async (root) => {
    const own = await thisHolder();
    const there = { ...own, place: own.place.replace(/\d+\]/, '1]') };
    assert.notEqual(there.place, own.place);
    assert.ok((await waitedFor(root, `${textOf(there)} random`, {})) > minute);
    const gone = { ...there, pid: 2 ** 22 - 1 };
    assert.ok((await waitedFor(root, `${textOf(gone)} random`, {})) > minute, 'its number says nothing here');
  }));

it('a number that now belongs to a process that began later is that of a dead one', () =>
  inFolder(async (root) => {
    const dead = { ...(await thisHolder()), started: '1' };
    assert.equal(await waitedFor(root, `${textOf(dead)} random`, {}), 0);
    assert.ok((await waitedFor(root, `${textOf(await thisHolder())} random`, {})) > minute);
  }));

it('who waits while others pass the lock on for ten minutes says so', () =>
  inFolder(async (root) => {
    await fs.mkdir(join(root, 'refs/heads'), { recursive: true });
    const clock = clockAhead(0);
    let others = 0;
    const pass = async () => {
      await fs.writeFile(join(root, `${branch}.lock`), elsewhere.replace('random', `${(others += 1)}`));
      await fs.utimes(join(root, `${branch}.lock`), clock.now() / 1000, clock.now() / 1000);
    };
    await pass();
    const sleep = (ms: number) => clock.sleep(ms).then(pass);
    const store = new DirectoryStore(root, { clock: { now: clock.now, sleep } });
    await assert.rejects(store.put(branch, Buffer.from('1')), {
      code: 'STORE_UNREACHABLE',
      retryable: true,
      hint: /delete/,
    });
    assert.ok(clock.slept > 9 * minute);
  }));

it(
  'a writer that slept with the lock and wakes when another has written is refused',
  { skip: process.platform === 'win32' },
  () =>
    inFolder(async (root, store) => {
      await store.put(branch, Buffer.from('0'));
      const late = spawn(process.execPath, ['--no-warnings', script('late-writer.ts'), root, branch, 'late']);
      let said = '';
      late.stdout.on('data', (text) => (said += String(text)));
      const state = async () => / ([A-Z]) /.exec(await fs.readFile(`/proc/${late.pid}/stat`, 'utf8'))?.[1];
      while ((await state()) !== 'T') await setTimeout(5);
      const other = new DirectoryStore(root, { clock: clockAhead(0) });
      const { etag } = await need(other.get(branch));
      assert.notEqual(await other.put(branch, Buffer.from('1'), { etag }), undefined);
      late.kill('SIGCONT');
      await once(late, 'close');
      assert.equal(said, 'STORE_UNREACHABLE');
      assert.equal((await need(store.get(branch))).bytes.toString(), '1');
      assert.deepEqual(await fs.readdir(join(root, 'ago-backup/.tmp')), [], 'and it leaves nothing behind');
    }),
);

it('a write, a stream and a copy of a late holder are refused, even if it looked for its lock a moment ago', () =>
  inFolder(async (root, store) => {
    const link = `${root}-link`;
    await fs.symlink(root, link);
    try {
      for (const act of ['put', 'putStream', 'copy'] as const) {
        await store.put('from', Buffer.from('late'));
        await store.put('folder/blob', Buffer.from('0'));
        // Another path to the same folder: within a process calls of one path wait for each other.
        const other = new DirectoryStore(link, { clock: clockAhead(0) });
        let overtaken = 0;
        // The folder is made sure of between the last look at the lock and the rename.
        const sync = async () => {
          const isLocked = (await fs.readdir(join(root, 'ago-backup/.tmp'))).some((name) => name.endsWith('.lock'));
          if (isLocked && (overtaken += 1) === 1) await other.put('folder/blob', Buffer.from('1'));
        };
        const late = new DirectoryStore(root, { clock: clockAhead(0), sync });
        const calls = {
          put: () => late.put('folder/blob', Buffer.from('late')),
          putStream: () => late.putStream('folder/blob', pieces(Buffer.from('late'), 1)),
          copy: () => late.copy('from', 'folder/blob'),
        };
        await assert.rejects(calls[act](), { code: 'STORE_UNREACHABLE', retryable: true }, act);
        assert.equal(overtaken, 1);
        assert.equal((await need(store.get('folder/blob'))).bytes.toString(), '1', act);
      }
    } finally {
      await fs.rm(link);
    }
  }));

it('processes whose clocks are minutes apart count in one blob and lose no step', () =>
  inFolder(async (root, store) => {
    await store.put(branch, Buffer.from('00000000'));
    const count = (ahead: number) =>
      run(process.execPath, ['--no-warnings', script('increment.ts'), root, branch, '20', String(ahead)]);
    await Promise.all([0, 2 * minute, -2 * minute].map(count));
    assert.equal((await need(store.get(branch))).bytes.toString(), '00000060');
  }));

it('a mark of version 0.1 still tells a living process from a dead one', () =>
  inFolder(async (root) => {
    assert.ok((await waitedFor(root, `${process.pid} ${hostname()} random`, {})) > minute);
    assert.equal(await waitedFor(root, `${2 ** 22 - 1} ${hostname()} random`, {}), 0);
  }));

it('of two who have a lock the earlier one can move nothing to its place, and nothing away', () =>
  inFolder(async (root) => {
    const [lock, link, file] = [join(root, 'lock'), `${root}-link`, join(root, 'file')];
    await fs.symlink(root, link);
    await fs.writeFile(file, 'of the later one');
    const parts = (random: string) => ({ clock: clockAhead(0), random: () => random });
    try {
      const told = await withLock(lock, parts('one'), async (isHeld, desk) => {
        await fs.writeFile(join(desk, 'new'), 'of the earlier one');
        const later = await withLock(join(link, 'lock'), parts('two'), async (holds) => {
          assert.equal(await move(join(desk, 'new'), file, new Folders(root)), false);
          assert.equal(await moveAway(file, desk), false);
          return holds();
        });
        return [later, await isHeld()];
      });
      assert.deepEqual(told, [true, false]);
      assert.equal(await fs.readFile(file, 'utf8'), 'of the later one');
    } finally {
      await fs.rm(link);
    }
  }));
