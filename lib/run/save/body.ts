import { BackupError } from '../../errors.ts';

/** Storage always says how long a file is; what does not, and does not end either, must not fill the store. */
export async function* bounded(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > most) throw new BackupError('ITEM_DAMAGED', `The file does not end: more than ${most} bytes came.`);
    yield piece;
  }
}

/** Reads until more than `most` bytes are there; `rest` is undefined when the body ended before. */
export async function readUpTo(body: AsyncIterable<Uint8Array>, most: number) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const iterator = body[Symbol.asyncIterator]();
  while (length <= most) {
    const next = await iterator.next();
    if (next.done === true) return { head: Buffer.concat(chunks), rest: undefined };
    chunks.push(next.value);
    length += next.value.length;
  }
  return { head: Buffer.concat(chunks), rest: iterator };
}

/** A body from its beginning, of which so much was read. */
export async function* join(head: Buffer, rest: AsyncIterator<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    if (rest === undefined) return;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest?.return?.();
  }
}
