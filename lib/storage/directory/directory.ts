import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import type { Blob, BlobInfo, BlobStore, Condition, Range } from '../blob-store.ts';
import { holds } from '../condition.ts';
import { ignoring, onDisk } from './errors.ts';
import { Folders, type SyncFolder } from './folders.ts';
import type { Holder } from './holder.ts';
import { cut, moveAway, readAt, readFacts, readPieces, walk, writeFile, type Facts } from './files.ts';
import { diskTime } from './lock.ts';
import { isReserved, pathOf, temporary } from './paths.ts';
import { Writes } from './writes.ts';
import { checkPrefix, isName } from '../names.ts';

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
  readonly #writes: Writes;

  constructor(path: string, { clock, random = randomUUID, sync, holder }: DirectoryParts) {
    this.#root = resolve(path);
    this.address = `file:${this.#root}`;
    this.#clock = clock;
    this.#random = random;
    this.#folders = new Folders(this.#root, sync);
    this.#writes = new Writes(this.#root, this.address, { clock, random, folders: this.#folders, holder });
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
    const linked = await this.#writes.temporary();
    try {
      const link = () => fs.link(this.#path(from), linked).then(() => true);
      const isLinked = await this.#onDisk(() => ignoring(['ENOENT', 'ENOTDIR', ...noLinks], link()));
      if (isLinked === true) {
        await this.#writes.locked(to, (place) => this.#writes.place(linked, to, place));
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
    await this.#writes.locked(name, async ({ path, isHeld, desk }) => {
      const found = await ignoring(['ENOENT', 'ENOTDIR'], fs.lstat(path));
      if (found === undefined || found.isDirectory()) return;
      if (etag !== undefined && (await this.stat(name))?.etag !== etag) return;
      if (!(await isHeld()) || !(await moveAway(path, desk))) throw this.#writes.lost(name);
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
    const written = await this.#writes.temporary();
    try {
      const facts = await writeFile(written, body, () => this.#clock.now(), this.address);
      return await this.#writes.locked(name, async (place) => {
        if (condition !== undefined && !holds(condition, (await this.stat(name))?.etag)) return undefined;
        await this.#writes.place(written, name, place);
        return facts && infoOf(name, facts);
      });
    } finally {
      await ignoring(['ENOENT'], fs.unlink(written));
    }
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let each = folder; each !== this.#root; each = dirname(each)) {
      if (!(await this.#folders.removeEmpty(each))) return;
    }
  }

  #path(name: string): string {
    return pathOf(this.#root, name);
  }

  #onDisk<T>(work: () => Promise<T>): Promise<T> {
    return onDisk(this.address, work);
  }
}

function infoOf(name: string, { size, etag, modified }: Facts): BlobInfo {
  return { name, size, etag, modified };
}
