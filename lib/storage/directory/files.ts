import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from '../../errors.ts';
import type { Range } from '../blob-store.ts';
import { ignoring, onDisk } from './errors.ts';
import type { Folders } from './folders.ts';
import { rename } from './rename.ts';
import { compareNames } from '../names.ts';

/** Up to this many bytes a file's ETag is its hash. */
const hashedUpTo = 1024 * 1024;
const pieceSize = 1024 * 1024;
/** Bytes after which the disk is told to begin. */
const syncEvery = 32 * 1024 * 1024;

/** What a file says of itself; `bytes` when they had to be read for that. */
export interface Facts {
  size: number;
  etag: string;
  /** epoch ms */
  modified: number;
  bytes?: Buffer;
}

/**
 * Reads the facts of an open file. A small one's ETag is the hash of its bytes: two writes in one tick of the disk's clock
 * can get the same time and, because deleted files give their inode back, the same inode. A large one, which no disk
 * writes three times in one tick, is known by inode, time and size, and need not be read.
 */
export async function readFacts(file: fs.FileHandle): Promise<Facts | undefined> {
  const stat = await file.stat({ bigint: true });
  if (!stat.isFile()) return undefined;
  const size = Number(stat.size);
  const modified = Math.round(Number(stat.mtimeNs) / 1e6);
  if (size > hashedUpTo) return { size, modified, etag: `"${stat.ino}-${stat.mtimeNs}-${stat.size}"` };
  const bytes = await readAt(file, 0, size);
  return { size, modified, bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` };
}

/** Cuts a range at the end of the file. */
export function cut(size: number, range: Range | undefined): Range {
  const start = Math.min(range?.start ?? 0, size);
  return { start, length: Math.min(range?.length ?? size, size - start) };
}

/** Reads exactly these bytes. Throws STORE_UNREACHABLE when the file ends before. */
export async function readAt(file: fs.FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0)
      throw new BackupError('STORE_UNREACHABLE', 'A file of the store was cut short while it was read.');
    done += bytesRead;
  }
  return bytes;
}

/**
 * Reads a range piece by piece, one ahead; the file is open only while it is read. It must still be the file of these facts.
 */
export async function* readPieces(path: string, { start, length }: Range, etag: string, address: string) {
  const file = await onDisk(address, () => fs.open(path));
  const end = start + length;
  const read = (at: number) =>
    at < end ? settling(onDisk(address, () => readAt(file, at, Math.min(pieceSize, end - at)))) : undefined;
  let next: Promise<Buffer> | undefined;
  try {
    const facts = await onDisk(address, () => readFacts(file));
    if (facts?.etag !== etag) {
      const message = `A file of ${address} was replaced before it was read.`;
      throw new BackupError('STORE_UNREACHABLE', message, { retryable: true });
    }
    next = read(start);
    for (let at = start; next !== undefined; at += pieceSize) {
      const piece: Buffer = await next;
      next = read(at + pieceSize);
      yield piece;
    }
  } finally {
    await Promise.allSettled([next]);
    await file.close();
  }
}

/** Writes a file through to the disk and gives it this time, epoch ms. The body's own failures stay what they are. */
export async function writeFile(
  path: string,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  modified: () => number,
  address: string,
): Promise<Facts | undefined> {
  const file = await onDisk(address, () => fs.open(path, 'w+'));
  try {
    await writeBody(file, body, address);
    return await onDisk(address, async () => {
      await file.utimes(modified() / 1000, modified() / 1000);
      await file.sync();
      return readFacts(file);
    });
  } finally {
    await file.close();
  }
}

/**
 * Writes while the next pieces are on their way, and lets the disk begin with what is there: else it would have all to do at
 * the end, when everybody waits.
 */
async function writeBody(
  file: fs.FileHandle,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  address: string,
): Promise<void> {
  let writing: Promise<void> | undefined;
  let syncing: Promise<void> | undefined;
  let unsynced = 0;
  try {
    for await (const { pieces, length } of gathered(body)) {
      await writing;
      writing = settling(onDisk(address, () => writeAll(file, pieces, length)));
      unsynced += length;
      if (unsynced < syncEvery) continue;
      await syncing;
      syncing = settling(onDisk(address, () => file.datasync()));
      unsynced = 0;
    }
    await writing;
    await syncing;
  } finally {
    await Promise.allSettled([writing, syncing]);
  }
}

/** Who waits for it later hears of its failure then. */
function settling<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** As they lie, without a copy; a disk may take a part of them only. */
async function writeAll(file: fs.FileHandle, pieces: readonly Uint8Array[], length: number): Promise<void> {
  const { bytesWritten } = await file.writev(pieces);
  if (bytesWritten < length) await file.appendFile(Buffer.concat(pieces).subarray(bytesWritten));
}

interface Gathered {
  pieces: readonly Uint8Array[];
  /** bytes */
  length: number;
}

/** Pieces of a body, gathered until writing them is worth a call. */
async function* gathered(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Gathered> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    if (piece.length === 0) continue;
    pieces.push(piece);
    length += piece.length;
    if (length < pieceSize) continue;
    yield { pieces, length };
    pieces = [];
    length = 0;
  }
  if (length > 0) yield { pieces, length };
}

/**
 * Moves a file to its name, makes the folder that it needs, and makes both outlive a power cut. False when the file is not
 * there any more.
 */
export async function move(from: string, to: string, folders: Folders): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    // ENOENT: a delete of its last file has removed the folder in between, also while it was made; or there is nothing to move.
    const codes = attempt < mostMoves ? ['ENOENT'] : [];
    const moving = () => rename(from, to).then(() => true);
    // A folder that was there a moment ago is made again only if it is not there any more.
    const ready = attempt === 1 ? folders.keep(dirname(to)) : folders.make(dirname(to));
    if (await ignoring(codes, ready.then(moving))) break;
    if (!(await isThere(from))) return false;
  }
  // Without its folder the file has been deleted since.
  await ignoring(['ENOENT'], folders.sync(dirname(to)));
  return true;
}

/** Each try loses against another delete. */
const mostMoves = 20;

/** The name of a file that was moved out of the way. */
export const away = 'gone';

/**
 * Moves a file out of the way, in one step, if the folder for it is there. False when the folder is not; a file that is
 * not there is success.
 */
export async function moveAway(from: string, folder: string): Promise<boolean> {
  const moved = await ignoring(
    ['ENOENT'],
    rename(from, join(folder, away)).then(() => true),
  );
  return moved === true || (await isThere(folder));
}

async function isThere(path: string): Promise<boolean> {
  return (await ignoring(['ENOENT', 'ENOTDIR'], fs.lstat(path))) !== undefined;
}

/** The names below the root that start with the prefix, in the order of their bytes; one folder's entries in memory. */
export async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<string> {
  const entries = await ignoring(['ENOENT', 'ENOTDIR'], fs.readdir(join(root, folder), { withFileTypes: true }));
  const found = await Promise.all(
    (entries ?? []).map(async (entry) => {
      // An administrator may have moved a folder to another disk.
      const kind = entry.isSymbolicLink() ? await ignoring(['ENOENT'], fs.stat(join(root, folder, entry.name))) : entry;
      return folder + entry.name + (kind?.isDirectory() ? '/' : '');
    }),
  );
  for (const name of found.sort(compareNames)) {
    if (!name.startsWith(prefix) && !prefix.startsWith(name)) continue;
    if (name.endsWith('/')) yield* walk(root, name, prefix);
    else if (name.startsWith(prefix)) yield name;
  }
}
