import { BackupError } from '../errors.ts';
import type { Client } from './client.ts';
import { errorInDocument, explain, PortalFault, type Said } from './fault.ts';
import { bodyOf } from './text.ts';

/** A file of an item on its way. `size` in bytes, where the portal said it. */
export interface Download {
  body: AsyncIterable<Uint8Array>;
  size?: number;
  contentType?: string;
  fileName?: string;
}

/** Bytes; an error document of the portal is shorter. */
const longestError = 16 * 1024;
const mostBreaks = 5;
/** Bytes; the portal takes files of up to 500 GB. */
const mostBytes = 1024 ** 4;
/** Bytes; gateways pack texts on the way, and only small ones. */
const mostUnpacked = 256 * 1024 * 1024;
/** How often and how long (ms) to wait for the bytes of a finished export; big ones take a while (arcgis-rest.md 6.2). */
const unready = { tries: 6, wait: 10_000 };

/** A file's first bytes are here; whatever it turned out to be, it is no error. */
interface Opened {
  response: Response;
  head: Uint8Array;
  rest: AsyncGenerator<Uint8Array>;
}

/**
 * Opens a file of the portal. Undefined when the portal says that there is none, or gives no byte. Errors arrive with
 * status 200 and any content type, so the first bytes are looked at before anything is handed on. A connection that
 * breaks later is resumed where it broke. Throws ITEM_GONE, PORTAL_ANSWER and others before the first byte,
 * ITEM_TRUNCATED and PORTAL_UNREACHABLE while the body is read.
 * @param address of the portal or a server that may be told the token, encoded
 * @param what for messages, as the beginning of a sentence
 */
export async function download(client: Client, address: string, what: string): Promise<Download | undefined> {
  const opened = await openPatiently(client, address, what);
  if (opened === undefined) return undefined;
  const { headers } = opened.response;
  const isPlain = headers.get('content-encoding') === null;
  const size = isPlain ? Number(headers.get('content-length') ?? NaN) : NaN;
  if (size > mostBytes) {
    await opened.rest.return(undefined);
    throw new BackupError('ITEM_DAMAGED', `${what}: the portal says that it has ${size} bytes, which no file has.`);
  }
  const fileName = nameIn(client.wire.redactor.text(headers.get('content-disposition') ?? ''));
  const contentType = headers.get('content-type');
  return {
    body: isPlain ? resuming(client, address, what, opened, size) : unpacked(what, opened),
    ...(Number.isSafeInteger(size) && { size }),
    ...(contentType !== null && { contentType }),
    ...(fileName !== undefined && { fileName }),
  };
}

async function openPatiently(client: Client, address: string, what: string): Promise<Opened | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await client.wire.patiently(() => client.signed((token) => openOnce(client, address, what, token)));
    } catch (error) {
      if (!(error instanceof PortalFault) || error.said === undefined) throw error;
      if (isAbsent(error.said)) return undefined;
      if (!isUnready(error.said) || tries >= unready.tries) throw error;
      await client.clock.sleep(unready.wait * tries);
    }
  }
}

/** The portal's ways to say that an item has no such file (arcgis-rest.md 1.1). */
function isAbsent({ messageCode, message }: Said): boolean {
  return messageCode === 'CONT_0036' || messageCode === 'CONT_0004' || /does not have a file/i.test(message);
}

function isUnready({ message, details }: Said): boolean {
  return /error updating file item/i.test(`${message} ${details}`);
}

async function openOnce(client: Client, address: string, what: string, token: string): Promise<Opened | undefined> {
  const { wire } = client;
  const response = await wire.open({ url: address, token, what, headers: plain });
  const rest = bodyOf(response, what, wire.timeouts.idle);
  const head = await readHead(rest);
  if (head.length === 0) return undefined;
  if (head.length <= longestError && head[0] === 0x7b) {
    const error = errorInDocument(wire.redactor.text(Buffer.from(head).toString()));
    if (error !== undefined) throw explain(error, what);
  }
  if (isPage(response, head)) {
    throw new PortalFault('PORTAL_ANSWER', `${what}: the portal answered with a web page.`, { retryable: true });
  }
  return { response, head, rest };
}

// Compressed on the way, a body would have another length than the portal says.
const plain = { 'accept-encoding': 'identity' };

/** Enough to tell an error document; the whole file when it is shorter. */
async function readHead(body: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length <= longestError) {
    const next = await body.next();
    if (next.done === true) break;
    pieces.push(next.value);
    length += next.value.length;
    // A file that does not begin like JSON or a page needs no further look.
    if (length >= 512 && pieces[0]?.[0] !== 0x7b) break;
  }
  return Buffer.concat(pieces);
}

/** A page of a sign-in wall or a gateway; files of members have a name. */
function isPage({ headers }: Response, head: Uint8Array): boolean {
  if (headers.get('content-disposition') !== null) return false;
  if (headers.get('content-type')?.includes('text/html') !== true) return false;
  return /^\s*<(!doctype html|html)/i.test(Buffer.from(head.subarray(0, 512)).toString());
}

/** The whole body. Broken off, it goes on at the same byte, if the file is still the same one. */
async function* resuming(
  client: Client,
  address: string,
  what: string,
  first: Opened,
  size: number,
): AsyncGenerator<Uint8Array> {
  let rest: AsyncGenerator<Uint8Array> = first.rest;
  let done = 0;
  let breaks = 0;
  const etag = first.response.headers.get('etag');
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
        rest = await reopen(client, address, what, { from: done, etag });
      }
    }
  } finally {
    await rest.return(undefined);
  }
  if (!Number.isNaN(size) && done !== size) throw truncated(what, done, size);
}

/** A body that was packed on the way against our wish may grow a thousandfold, and cannot be resumed. */
async function* unpacked(what: string, { head, rest }: Opened): AsyncGenerator<Uint8Array> {
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

function isBreak(error: unknown): boolean {
  return error instanceof PortalFault && (error.code === 'PORTAL_UNREACHABLE' || error.code === 'ITEM_TRUNCATED');
}

/**
 * Asks for the rest, by a fresh address, for the one before may have run out (RFC 9110, 14.2 and 13.1.5). A server that
 * sends all again is read past what is known, if its tag says that it is the same file.
 */
async function reopen(
  client: Client,
  address: string,
  what: string,
  { from, etag }: { from: number; etag: string | null },
): Promise<AsyncGenerator<Uint8Array>> {
  const { wire } = client;
  const headers = { ...plain, range: `bytes=${from}-`, ...(etag !== null && { 'if-range': etag }) };
  const response = await wire.patiently(() =>
    client.signed((token) => wire.open({ url: address, token, what, headers })),
  );
  const body = bodyOf(response, what, wire.timeouts.idle);
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (response.status === 206 && Number(range) === from) return body;
  if (response.status === 200 && etag !== null && response.headers.get('etag') === etag) return skip(body, from);
  await body.return(undefined);
  throw new BackupError(
    'ITEM_TRUNCATED',
    `${what}: the download broke off after ${from} bytes, and the file has changed since.`,
  );
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

function truncated(what: string, bytes: number, size: number): PortalFault {
  return new PortalFault('ITEM_TRUNCATED', `${what}: the download has ${bytes} bytes instead of ${size}.`);
}

/** The file name in a Content-Disposition; RFC 6266: the encoded form wins. */
function nameIn(disposition: string): string | undefined {
  const encoded = /filename\*=UTF-8''([^;\s]+)/i.exec(disposition)?.[1];
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  const [, quoted, bare] = /filename="([^"]*)"|filename=([^;\s]+)/i.exec(disposition) ?? [];
  return quoted ?? bare;
}
