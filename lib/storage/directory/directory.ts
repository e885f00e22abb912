import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import type { Blob, BlobInfo, BlobStore, Condition, Range } from '../blob-store.ts';
import { holds } from '../condition.ts';
import { ignoring, onDisk } from './errors.ts';
import { Folders, type SyncFolder } from './folders.ts';
import type { Holder } from './holder.ts';
import { cut, move, moveAway, readAt, readFacts, readPieces, walk, writeFile, type Facts } from './files.ts';
import { diskTime, withLock } from './lock.ts';
import { rename } from './rename.ts';
import { checkName, checkPrefix, isName } from '../names.ts';

/** Where files lie while they are written, and locks; not part of the store's names. */
const temporary = 'ago-backup/.tmp/';
const aDay = 86_400_000;
const statsAtOnce = 16;
/** What disks without hard links say, and what files with too many of them do. */
const noLinks = ['EPERM', 'EXDEV', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EACCES'];

/** What a directory store is made of; all but the clock is for tests. */
export interface DirectoryParts {
  clock: Clock;
  random?: () => string;
  sync?: SyncFolder;
  /** who holds its locks */
  holder?: Holder;
}

/**
 * A store in a directory, one file a blob, so that the directory is a bare git repository as it stands. Every write goes
 * to a temporary file, through to the disk, then to its name. Conditions hold against other processes, of this machine or,
 * where a network disk keeps the promises of rename, of others.
 * One limit more than elsewhere: a name cannot also be the folder of another name.
 */
export class DirectoryStore implements BlobStore {
  readonly address: string;
  readonly #root: string;
  readonly #clock: Clock;
  readonly #random: () => string;
  readonly #folders: Folders;
  readonly #holder: Holder | undefined;

  constructor(path: string, { clock, random = randomUUID, sync, holder }: DirectoryParts) {
    this.#root = resolve(path);
    this.address = `file:${this.#root}`;
    this.#clock = clock;
    this.#random = random;
    this.#folders = new Folders(this.#root, sync);
    this.#holder = holder;
  }

  /** Also makes the folders that git wants to see, and removes what killed processes left half written a day ago. */
  async create(): Promise<void> {
    const folder = join(this.#root, temporary);
    await this.#onDisk(async () => {
      for (const each of ['objects', 'refs', 'ago-backup/.tmp']) await this.#folders.make(join(this.#root, each));
      const now = await diskTime(join(folder, `now-${this.#random()}`));
      for (const name of await fs.readdir(folder)) {
        const found = await ignoring(['ENOENT'], fs.lstat(join(folder, name)));
        if (found && found.mtimeMs < now - aDay) await fs.rm(join(folder, name), { recursive: true, force: true });
      }
    });
  }

  async get(name: string, range?: Range): Promise<Blob | undefined> {
    return this.#opened(name, async (file, { bytes: all, ...facts }) => {
      const { start, length } = cut(facts.size, range);
      const bytes = all?.subarray(start, start + length) ?? (await readAt(file, start, length));
      return { name, ...facts, bytes };
    });
  }

  async stream(name: string, range?: Range): Promise<{ info: BlobInfo; body: AsyncIterable<Uint8Array> } | undefined> {
    const info = await this.stat(name);
    if (info === undefined) return undefined;
    return { info, body: readPieces(this.#path(name), cut(info.size, range), info.etag, this.address) };
  }

  async stat(name: string): Promise<BlobInfo | undefined> {
    return this.#opened(name, (_file, facts) => Promise.resolve(infoOf(name, facts)));
  }

  async put(name: string, bytes: Uint8Array, condition?: Condition): Promise<string | undefined> {
    return (await this.#replace(name, [bytes], condition))?.etag;
  }

  async putStream(name: string, body: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    const info = await this.#replace(name, body);
    if (info === undefined) throw new BackupError('INTERNAL', 'A write without a condition was refused.');
    return info;
  }

  /** A second name for the same bytes, since no file is ever written in place; where the disk knows none, a copy. */
  async copy(from: string, to: string): Promise<boolean> {
    this.#path(to);
    const linked = await this.#temporary();
    try {
      const link = () => fs.link(this.#path(from), linked).then(() => true);
      const isLinked = await this.#onDisk(() => ignoring(['ENOENT', 'ENOTDIR', ...noLinks], link()));
      if (isLinked === true) {
        await this.#locked(to, (path, isHeld, desk) => this.#place(linked, to, { path, isHeld, desk }));
        return true;
      }
    } finally {
      // Renaming one name of a file over another name of it does nothing, and leaves both.
      await ignoring(['ENOENT'], fs.unlink(linked));
    }
    const source = await this.stream(from);
    if (source === undefined) return false;
    await this.putStream(to, source.body);
    return true;
  }

  async delete(name: string, etag?: string): Promise<void> {
    await this.#locked(name, async (path, isHeld, desk) => {
      const found = await ignoring(['ENOENT', 'ENOTDIR'], fs.lstat(path));
      if (found === undefined || found.isDirectory()) return;
      if (etag !== undefined && (await this.stat(name))?.etag !== etag) return;
      if (!(await isHeld()) || !(await moveAway(path, desk))) throw lost(name, this.address);
      // git takes a directory for a repository only while it has these two.
      if (!/^(?:refs|objects)\//.test(name)) await this.#removeEmpty(dirname(path));
    });
  }

  async *list(prefix: string): AsyncGenerator<BlobInfo> {
    const folder = checkPrefix(prefix).slice(0, prefix.lastIndexOf('/') + 1);
    const names = walk(this.#root, folder, prefix);
    for (let done = false; !done;) {
      const group: string[] = [];
      while (group.length < statsAtOnce && !done) {
        const next = await this.#onDisk(() => names.next());
        done = next.done === true;
        if (next.done !== true && isName(next.value) && !isReserved(next.value)) group.push(next.value);
      }
      for (const info of await Promise.all(group.map((name) => this.stat(name)))) if (info) yield info;
    }
  }

  async #opened<T>(name: string, read: (file: fs.FileHandle, facts: Facts) => Promise<T>): Promise<T | undefined> {
    const path = this.#path(name);
    return this.#onDisk(async () => {
      const file = await ignoring(['ENOENT', 'ENOTDIR', 'EISDIR'], fs.open(path));
      if (file === undefined) return undefined;
      try {
        const facts = await readFacts(file);
        return facts && (await read(file, facts));
      } finally {
        await file.close();
      }
    });
  }

  async #replace(
    name: string,
    body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    condition?: Condition,
  ): Promise<BlobInfo | undefined> {
    this.#path(name);
    const written = await this.#temporary();
    try {
      const facts = await writeFile(written, body, () => this.#clock.now(), this.address);
      return await this.#locked(name, async (path, isHeld, desk) => {
        if (condition !== undefined && !holds(condition, (await this.stat(name))?.etag)) return undefined;
        await this.#place(written, name, { path, isHeld, desk });
        return facts && infoOf(name, facts);
      });
    } finally {
      await ignoring(['ENOENT'], fs.unlink(written));
    }
  }

  /** Moves a written file to its name, over the desk: who lost the lock cannot do it any more. */
  async #place(written: string, name: string, { path, isHeld, desk }: Place): Promise<void> {
    const ready = join(desk, 'new');
    const isReady = (await ignoring(['ENOENT'], rename(written, ready).then(isDone))) === true;
    if (!isReady || !(await isHeld()) || !(await move(ready, path, this.#folders))) throw lost(name, this.address);
  }

  /** A name for a file that is being written. */
  async #temporary(): Promise<string> {
    const path = join(this.#root, temporary, `${process.pid}-${this.#random()}`);
    await this.#onDisk(() => this.#folders.keep(dirname(path)));
    return path;
  }

  // Every write takes the lock, so that none comes between the look at the condition and the rename.
  async #locked<T>(
    name: string,
    work: (path: string, isHeld: () => Promise<boolean>, desk: string) => Promise<T>,
  ): Promise<T> {
    const path = this.#path(name);
    const beside = join(this.#root, temporary, hashOf(name));
    // In refs/ the lock is the one that git itself takes.
    const lock = name.startsWith('refs/') ? `${path}.lock` : `${beside}.lock`;
    const parts = { clock: this.#clock, random: this.#random, beside, ...(this.#holder && { holder: this.#holder }) };
    return this.#onDisk(async () => {
      await this.#folders.keep(dirname(beside));
      if (dirname(lock) !== dirname(beside)) await this.#folders.make(dirname(lock));
      return withLock(lock, parts, (isHeld, desk) => work(path, isHeld, desk));
    });
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let each = folder; each !== this.#root; each = dirname(each)) {
      if (!(await this.#folders.removeEmpty(each))) return;
    }
  }

  #path(name: string): string {
    if (isReserved(checkName(name))) throw new TypeError(`${JSON.stringify(name)} is a name of the directory's own`);
    return join(this.#root, ...name.split('/'));
  }

  #onDisk<T>(work: () => Promise<T>): Promise<T> {
    return onDisk(this.address, work);
  }
}

/** Where a write goes, and what shows that it still may. */
interface Place {
  path: string;
  isHeld: () => Promise<boolean>;
  desk: string;
}

const isDone = () => true;

function isReserved(name: string): boolean {
  return `${name}/`.startsWith(temporary) || (name.startsWith('refs/') && /\.lock(?:\.break)?$/.test(name));
}

function lost(name: string, address: string): BackupError {
  const message = `Writing ${name} in ${address} took so long that another process took its lock.`;
  return new BackupError('STORE_UNREACHABLE', message, { retryable: true });
}

function infoOf(name: string, { size, etag, modified }: Facts): BlobInfo {
  return { name, size, etag, modified };
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
