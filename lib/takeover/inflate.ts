import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createInflate, type Inflate } from 'node:zlib';

/** Bytes read at a time, and bytes that come out at a time. */
const pieceSize = 1024 * 1024;
const chunkSize = 256 * 1024;

/**
 * What the zlib stream holds that begins at a place of a file; what lies behind it is not looked at. It is read into two buffers that
 * take turns: to collect gigabytes of them took more time than to read (docs/decisions.md). Fails where it is no such stream.
 */
export async function* inflated(path: string, start = 0): AsyncGenerator<Buffer> {
  const inflate = createInflate({ chunkSize });
  const feeding = feed(inflate, path, start);
  feeding.catch((error: unknown) => inflate.destroy(error as Error));
  try {
    for await (const piece of inflate) yield piece as Buffer;
  } finally {
    inflate.destroy();
    await Promise.allSettled([feeding]);
  }
}

async function feed(inflate: Inflate, path: string, start: number): Promise<void> {
  const file = await open(path);
  let [buffer, spare] = [Buffer.allocUnsafe(pieceSize), Buffer.allocUnsafe(pieceSize)];
  let next = file.read(buffer, 0, pieceSize, start);
  try {
    for (let at = start; ;) {
      const { bytesRead } = await next;
      if (bytesRead === 0) break;
      at += bytesRead;
      const piece = buffer.subarray(0, bytesRead);
      [buffer, spare] = [spare, buffer];
      next = file.read(buffer, 0, pieceSize, at);
      if (!(await taken(inflate, piece))) return;
    }
    inflate.end();
  } finally {
    await Promise.allSettled([next]);
    await file.close();
  }
}

/** Gives a piece to be inflated, which may be written over afterwards. False once the stream is over. */
function taken(inflate: Inflate, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const over = () => {
      resolve(false);
    };
    if (inflate.destroyed) return over();
    inflate.once('close', over);
    inflate.write(piece, (error) => {
      inflate.off('close', over);
      resolve(!error);
    });
  });
}

/**
 * A loose object on its way, as it is: an SHA-1 over what it holds is its id. Fails at its end where that is another one, so that nobody
 * takes it for whole. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage
 */
export async function* provenLoose(body: AsyncIterable<Uint8Array>, oid: string): AsyncGenerator<Uint8Array> {
  const inflate = createInflate({ chunkSize });
  const hash = createHash('sha1');
  const hashing = (async () => {
    for await (const piece of inflate) hash.update(piece as Buffer);
  })();
  hashing.catch(() => undefined);
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.length;
      if (!(await taken(inflate, piece))) break;
      yield piece;
    }
    inflate.end();
    await hashing;
  } finally {
    inflate.destroy();
  }
  if (inflate.bytesWritten !== size || hash.digest('hex') !== oid) throw new Error(`The id is not ${oid}.`);
}
