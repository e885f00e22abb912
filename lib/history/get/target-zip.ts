import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { resolve, toNamespacedPath } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ZipFile } from 'yazl';
import { BackupError } from '../../errors.ts';
import { ignoring } from '../../storage/directory/errors.ts';
import { DamagedPart, type OutFile, type Target } from './take-out.ts';
import { toTargetError } from './target-folder.ts';
import { rename } from '../../storage/directory/rename.ts';

/** What deflate makes hardly smaller. */
const compressed =
  /\.(zip|gdb|sd|slpk|mmpk|vtpk|tpk|tpkx|ppkx|lpkx?|gpkg|png|jpe?g|gif|webp|pdf|docx|xlsx|pptx|gz|7z|mp4|mp3)$/i;

/**
 * Writes items into a zip as it streams, into `out`. Every file is read whole and checked before its entry begins: an entry
 * that has begun cannot be taken back. Without `looksFirst` it is read once, and a damaged one ends the zip with STORE_DAMAGED.
 */
export async function zipInto(
  out: Writable,
  name: string,
  fill: (target: Target) => Promise<void>,
  { looksFirst = true } = {},
): Promise<void> {
  const { ZipFile } = await import('yazl');
  const zip = new ZipFile();
  const broken = new Promise<never>((_, reject) => {
    const fail = (error: Error) => reject(toTargetError(error, name));
    zip.on('error', fail);
    // Whoever goes away while there is more to come has broken it off, too.
    finished(out).catch(fail);
  });
  // Whoever waits hears of it; nobody may wait at the moment.
  broken.catch(() => undefined);
  zip.outputStream.pipe(out, { end: false });
  const put = async (_folder: string, files: readonly OutFile[]) => {
    const damaged = new Set<string>();
    for (const file of files) {
      if (!looksFirst || (await isWhole(file))) await addFile(zip, file, broken);
      else damaged.add(file.path);
    }
    return damaged;
  };
  await fill({ atOnce: 1, put });
  const ended = once(zip.outputStream, 'end');
  zip.end();
  await Promise.race([ended, broken]);
}

/** The same into a file, which is there only when it is whole. Throws TARGET_TAKEN when it is there already. */
export async function zipFile(
  to: string,
  { overwrite, random }: { overwrite: boolean; random: string },
  fill: (target: Target) => Promise<void>,
): Promise<void> {
  const path = toNamespacedPath(resolve(to));
  if (!overwrite && (await ignoring(['ENOENT'], fs.lstat(path))) !== undefined)
    throw new BackupError('TARGET_TAKEN', `${to} is there already.`);
  const temporary = `${path}.${random.slice(0, 12)}.part`;
  const out = createWriteStream(temporary, { flags: 'wx', flush: true });
  try {
    await zipInto(out, to, fill);
    out.end();
    await finished(out);
    await rename(temporary, path);
  } catch (error) {
    out.destroy();
    if (!out.closed) await once(out, 'close');
    await fs.rm(temporary, { force: true });
    throw toTargetError(error, to);
  }
}

async function isWhole({ open }: OutFile): Promise<boolean> {
  try {
    for await (const _ of open());
    return true;
  } catch (error) {
    if (!(error instanceof DamagedPart)) throw error;
    return false;
  }
}

/** One entry, until its bytes have been taken. */
async function addFile(zip: ZipFile, { path, size, modified, open }: OutFile, broken: Promise<never>): Promise<void> {
  const body = Readable.from(open());
  const more = modified === undefined ? {} : { mtime: new Date(modified) };
  zip.addReadStream(body, path, { ...more, size, compress: !compressed.test(path) });
  try {
    await Promise.race([finished(body, { writable: false }), broken]);
  } catch (error) {
    body.destroy();
    if (!(error instanceof DamagedPart)) throw error;
    throw new BackupError('STORE_DAMAGED', `${path} ${error.message}.`);
  }
}
