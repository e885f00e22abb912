import * as fs from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import { clearOthers, deskName, removeDesk } from './desk.ts';
import { moveAway } from './files.ts';
import { makeFolder } from './folders.ts';
import { isGone, readHolder, textOf, thisHolder, type Holder } from './holder.ts';
import { rename } from './rename.ts';
import { look, take, type Found } from './lock-file.ts';

/**
 * A lock that nobody gives back for this long belongs to a process that hangs, ms: what is done under it takes no second.
 * A minute, and a second for the looking.
 */
const longest = 61_000;
/** ms between two tries to get a lock that another process holds */
const pause = 10;
/** ms after which waiting is given up, with a sentence: others come and go, and never we */
const patience = 600_000;

const turns = new Map<string, Promise<unknown>>();

/** What locks are made of. */
export interface LockParts {
  clock: Clock;
  random: () => string;
  /** begins the paths of the lock's other files; the path of the lock unless given. On the disk of what is written */
  beside?: string;
  /** who we are; this process unless given */
  holder?: Holder;
}

/**
 * Does the work while nobody else, in this process or another, works under this lock. A lock is a file that names its
 * holder; one of a dead process, or one that nobody gives back for a minute, is taken over.
 *
 * Who is taken for dead may yet wake up, and believe that the lock is his. So nothing depends on that judgement, nor on any
 * clock. Whoever has the lock works at a desk: a folder of his own, over which he moves what he writes, and into which he
 * moves the lock itself to give it back. Who takes a lock over removes the desks of all others, then looks whether the lock
 * is still his, and only then decides and writes.
 * @param work is given `isHeld`, which says whether the lock is still ours, to be asked before anything is written; and
 * `desk`, a folder that is there only as long as nobody else has taken the lock. What must not happen after that moves
 * out of it or into it: in one step, or not at all because the folder is gone.
 * @throws STORE_UNREACHABLE after ten minutes of waiting
 */
export async function withLock<T>(
  path: string,
  parts: LockParts,
  work: (isHeld: () => Promise<boolean>, desk: string) => Promise<T>,
): Promise<T> {
  return inTurn(path, async () => {
    const holder = parts.holder ?? (await thisHolder());
    const mark = `${textOf(holder)} ${parts.random()}`;
    const lock = { path, mark, holder, clock: parts.clock, beside: parts.beside ?? path, random: parts.random };
    const how = await acquire(lock);
    const isHeld = async () => (await look(path))?.mark === mark;
    const desk = deskName(lock.beside, parts.random());
    try {
      await makeFolder(desk);
      if (how === 'over') await clearOthers(lock.beside, desk, parts.random);
      return await work(isHeld, desk);
    } finally {
      if (await isHeld()) await moveAway(path, desk);
      await removeDesk(desk);
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

interface Lock {
  path: string;
  mark: string;
  holder: Holder;
  clock: Clock;
  beside: string;
  random: () => string;
}

/** Gets the lock, free or over the head of somebody else. */
async function acquire(lock: Lock): Promise<'free' | 'over'> {
  const { path, mark, clock } = lock;
  const began = clock.now();
  const judge = new Judge(lock);
  const ofBreaker = new Judge(lock);
  while (!(await take(path, mark))) {
    const found = await look(path);
    if (found === undefined) continue;
    if (await judge.isLeft(found)) {
      if (await takeOver(lock, found, ofBreaker)) return 'over';
    } else if (clock.now() - began > patience) {
      throw new BackupError('STORE_UNREACHABLE', `Others have held the lock ${path} for ten minutes.`, {
        hint: 'End other processes that use this archive; if there is none, delete the file that is named.',
        retryable: true,
      });
    } else await clock.sleep(pause);
  }
  return 'free';
}

/**
 * Who waits for a lock and judges whether its holder is dead. The lock's age counts by the clock of the disk that it lies on
 * and, when that makes no sense, by how long we have seen it there unchanged.
 */
class Judge {
  readonly #lock: Lock;
  #seen: (Found & { since: number }) | undefined;
  /** ms by which the clock of the disk is ahead of ours */
  #ahead: number | undefined;

  constructor(lock: Lock) {
    this.#lock = lock;
  }

  async isLeft({ mark, modified }: Found): Promise<boolean> {
    const { clock, holder, beside, random } = this.#lock;
    if (this.#seen?.mark !== mark || this.#seen.modified !== modified)
      this.#seen = { mark, modified, since: clock.now() };
    // A lock that git took, or that is being written this moment, names nobody; only its age can tell.
    const other = readHolder(mark);
    if (other !== undefined && (await isGone(other, holder))) return true;
    this.#ahead ??= (await diskTime(`${beside}.now-${random()}`)) - clock.now();
    const age = Math.max(clock.now() + this.#ahead - modified, clock.now() - this.#seen.since);
    return age > longest;
  }
}

/** What time it is for the disk: NFS and SMB stamp files by the clock of their server. Epoch ms. */
export async function diskTime(probe: string): Promise<number> {
  try {
    await fs.writeFile(probe, '');
    return (await fs.stat(probe)).mtimeMs;
  } finally {
    await fs.rm(probe, { force: true });
  }
}

// The lock is never free in between, and of several who judge alike only one takes it over.
async function takeOver(lock: Lock, judged: Found, ofBreaker: Judge): Promise<boolean> {
  const { path, mark, clock, beside, random } = lock;
  const breaker = `${path}.break`;
  if (!(await take(breaker, mark))) {
    const found = await look(breaker);
    if (found !== undefined && (await ofBreaker.isLeft(found))) await fs.rm(breaker, { force: true });
    else await clock.sleep(pause);
    return false;
  }
  const ours = `${beside}.mark-${random()}`;
  try {
    const found = await look(path);
    if (found?.mark !== judged.mark || found.modified !== judged.modified) return false;
    await fs.writeFile(ours, mark);
    await rename(ours, path);
    return true;
  } finally {
    await fs.rm(ours, { force: true });
    if ((await look(breaker))?.mark === mark) await fs.rm(breaker, { force: true });
  }
}
