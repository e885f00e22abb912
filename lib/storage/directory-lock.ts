import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '../clock.ts';
import { ignoring } from './directory-errors.ts';

/** A lock older than this belongs to a process that hangs, ms: what is done under it takes no second. */
const longest = 60_000;
/** ms between two tries to get a lock that another process holds */
const pause = 10;

const turns = new Map<string, Promise<unknown>>();

/**
 * Does the work while nobody else, in this process or another, works under this lock. A lock is a file that holds pid,
 * host and a mark of its own; one of a dead process, or older than a minute, is broken. `isHeld` says whether that has
 * not happened to us: to be asked just before what must not be done twice.
 */
export async function withLock<T>(
  path: string,
  { clock, random }: { clock: Clock; random: () => string },
  work: (isHeld: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  return inTurn(path, async () => {
    const mark = `${process.pid} ${hostname()} ${random()}`;
    while (!(await take(path, mark))) {
      if (await isLeft(path, clock)) await breakLock(path, mark, clock);
      else await clock.sleep(pause);
    }
    const isHeld = async () => (await read(path)) === mark;
    try {
      return await work(isHeld);
    } finally {
      if (await isHeld()) await fs.rm(path, { force: true });
    }
  });
}

// Calls of one process wait for each other here, without polling the disk.
async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(path) ?? Promise.resolve();
  const now = before.then(work, work);
  turns.set(path, now);
  try {
    return await now;
  } finally {
    if (turns.get(path) === now) turns.delete(path);
  }
}

async function take(path: string, mark: string): Promise<boolean> {
  const done = await ignoring(
    ['EEXIST'],
    fs.writeFile(path, mark, { flag: 'wx' }).then(() => true),
  );
  return done === true;
}

// Of two processes that find the same lock left, the second must not remove the lock that the first one takes then.
async function breakLock(path: string, mark: string, clock: Clock): Promise<void> {
  const breaker = `${path}.break`;
  if (!(await take(breaker, mark))) {
    if (await isLeft(breaker, clock)) await fs.rm(breaker, { force: true });
    else await clock.sleep(pause);
    return;
  }
  try {
    if (await isLeft(path, clock)) await fs.rm(path, { force: true });
  } finally {
    await fs.rm(breaker, { force: true });
  }
}

async function isLeft(path: string, clock: Clock): Promise<boolean> {
  const stat = await ignoring(['ENOENT'], fs.stat(path));
  if (stat === undefined) return false;
  if (stat.mtimeMs < clock.now() - longest) return true;
  // A lock that git took, or that is being written this moment, has no pid; only its age can tell.
  const [, pid, host] = /^(\d+) (\S+) /.exec((await read(path)) ?? '') ?? [];
  return host === hostname() && !isAlive(Number(pid));
}

function read(path: string): Promise<string | undefined> {
  return ignoring(['ENOENT'], fs.readFile(path, 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: alive, but somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    return true;
  }
}
