import { dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import { ignoring, onDisk } from './errors.ts';
import { move } from './files.ts';
import type { Folders } from './folders.ts';
import type { Holder } from './holder.ts';
import { withLock } from './lock.ts';
import { lockOf, pathOf, temporary } from './paths.ts';
import { rename } from './rename.ts';

/** What writes are made with. */
export interface WriteParts {
  clock: Clock;
  random: () => string;
  folders: Folders;
  /** who holds the locks; this process unless given */
  holder: Holder | undefined;
}

/** Where a write goes, and what shows that it still may. */
export interface Place {
  path: string;
  isHeld: () => Promise<boolean>;
  /** a folder that is there only as long as nobody else has taken the lock */
  desk: string;
}

/** How a directory is written to: beside its names first, then under a lock to its name, in one step. */
export class Writes {
  readonly #root: string;
  readonly #address: string;
  readonly #parts: WriteParts;

  /** @param address of the store, for messages */
  constructor(root: string, address: string, parts: WriteParts) {
    this.#root = root;
    this.#address = address;
    this.#parts = parts;
  }

  /** A path for a file that is being written. */
  async temporary(): Promise<string> {
    const path = join(this.#root, temporary, `${process.pid}-${this.#parts.random()}`);
    await onDisk(this.#address, () => this.#parts.folders.keep(dirname(path)));
    return path;
  }

  /** Does something to a blob. Every write takes the lock, so that none comes between the look at a condition and the rename. */
  async locked<T>(name: string, work: (place: Place) => Promise<T>): Promise<T> {
    const path = pathOf(this.#root, name);
    const { lock, beside } = lockOf(this.#root, name);
    const { clock, random, folders, holder } = this.#parts;
    return onDisk(this.#address, async () => {
      await folders.keep(dirname(beside));
      if (dirname(lock) !== dirname(beside)) await folders.make(dirname(lock));
      const parts = { clock, random, beside, ...(holder && { holder }) };
      return withLock(lock, parts, (isHeld, desk) => work({ path, isHeld, desk }));
    });
  }

  /** Moves a written file to its name, over the desk: who lost the lock cannot do it any more. */
  async place(written: string, name: string, { path, isHeld, desk }: Place): Promise<void> {
    const ready = join(desk, 'new');
    const isReady = (await ignoring(['ENOENT'], rename(written, ready).then(isDone))) === true;
    if (!isReady || !(await isHeld()) || !(await move(ready, path, this.#parts.folders))) throw this.lost(name);
  }

  /** The error of a write that lost its lock. */
  lost(name: string): BackupError {
    const message = `Writing ${name} in ${this.#address} took so long that another process took its lock.`;
    return new BackupError('STORE_UNREACHABLE', message, { retryable: true });
  }
}

const isDone = () => true;
