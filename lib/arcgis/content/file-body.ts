import { BackupError, isCode } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { PortalError } from '../connection/portal-error.ts';
import { bodyOf } from '../connection/text.ts';
import { plain, type Opened } from './open-file.ts';

const mostBreaks = 5;
/** Bytes; gateways pack texts on the way, and only small ones. */
const mostUnpacked = 256 * 1024 * 1024;

/** The whole body. Broken off, it goes on at the same byte, if the file is still the same one. */
export async function* resuming(
  client: Client,
  address: string,
  what: string,
  first: Opened,
): AsyncGenerator<Uint8Array> {
  const { size } = first;
  let rest: AsyncGenerator<Uint8Array> = first.rest;
  let done = 0;
  let breaks = 0;
  try {
    yield first.head;
    done += first.head.length;
    for (;;) {
      try {
        for await (const piece of rest) {
          done += piece.length;
          // What comes beyond the end might go on for ever.
          if (done > size) throw tooLong(what, size);
          yield piece;
        }
        if (Number.isNaN(size) || done >= size) break;
        throw truncated(what, done, size);
      } catch (error) {
        breaks += 1;
        if (!isBreak(error) || breaks > mostBreaks) throw error;
        await client.clock.sleep(1000 * 2 ** breaks);
        rest = await reopen(client, address, what, first, done);
      }
    }
  } finally {
    await rest.return(undefined);
  }
  if (!Number.isNaN(size) && done !== size) throw truncated(what, done, size);
}

/** A body that was packed on the way against our wish may grow a thousandfold, and cannot be resumed. */
export async function* unpacked(what: string, { head, rest }: Opened): AsyncGenerator<Uint8Array> {
  let done = head.length;
  yield head;
  for await (const piece of rest) {
    done += piece.length;
    if (done > mostUnpacked) {
      throw new BackupError('ITEM_DAMAGED', `${what}: it does not end, more than ${mostUnpacked} bytes were unpacked.`);
    }
    yield piece;
  }
}

/** What was asked for again in vain is no break: it is over. */
function isBreak(error: unknown): boolean {
  return error instanceof PortalError && !error.tried && isCode(error, 'PORTAL_UNREACHABLE', 'ITEM_TRUNCATED');
}

/**
 * Asks for the rest, by a fresh address, for the one before may have run out (RFC 9110, 14.2 and 13.1.5). A server that
 * sends all again is read past what is known, if its tag says that it is the same file.
 */
async function reopen(
  client: Client,
  address: string,
  what: string,
  first: Opened,
  from: number,
): Promise<AsyncGenerator<Uint8Array>> {
  const { wire } = client;
  const etag = first.response.headers.get('etag');
  const headers = { ...plain, range: `bytes=${from}-`, ...(etag !== null && { 'if-range': etag }) };
  const response = await wire.patiently({ url: address }, () =>
    client.signed((token) => wire.open({ url: address, token, what, headers })),
  );
  const body = bodyOf(response, what, wire.timeouts.idle);
  if (response.status === 206 && isRestOf(response, first, from)) return body;
  if (response.status === 200 && etag !== null && response.headers.get('etag') === etag) return skip(body, from);
  await body.return(undefined);
  throw new BackupError(
    'ITEM_TRUNCATED',
    `${what}: the download broke off after ${from} bytes, and the file has changed since.`,
  );
}

/** Is it the same file by all that both answers tell? Some servers give no tag, or look at no condition. */
function isRestOf({ headers }: Response, { response, size }: Opened, from: number): boolean {
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const isSame = (name: string) =>
    (headers.get(name) ?? response.headers.get(name)) === (response.headers.get(name) ?? headers.get(name));
  const isLength = total === '*' || Number.isNaN(size) || Number(total) === size;
  return Number(begin) === from && isLength && isSame('etag') && isSame('last-modified');
}

async function* skip(body: AsyncGenerator<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of body) {
    if (left < piece.length) yield piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

function tooLong(what: string, size: number): BackupError {
  return new BackupError('ITEM_DAMAGED', `${what}: the download has more than the ${size} bytes that were said.`);
}

function truncated(what: string, bytes: number, size: number): PortalError {
  return new PortalError('ITEM_TRUNCATED', `${what}: the download has ${bytes} bytes instead of ${size}.`);
}
