import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { errorInDocument, errorInText, explain, isAbsent, PortalError, type Said } from '../connection/portal-error.ts';
import { bodyOf } from '../connection/text.ts';

/** A file of an item on its way. `size` in bytes, where the portal said it. */
export interface Download {
  body: AsyncIterable<Uint8Array>;
  size?: number;
  contentType?: string;
  fileName?: string;
}

/** What is known of a file before it comes. */
export interface Expected {
  /** bytes, as a record or a list has them */
  size?: number | undefined;
  /** must it have that size? Else a file of that size is the file, and one of another may be */
  isHeld?: boolean;
  /** under which name it was uploaded: what is called .csv is neither JSON nor a web page */
  name?: string | undefined;
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
 * Opens a file of the portal. Undefined when the portal says that there is none; when it gives no byte, the size is 0. Errors
 * arrive with status 200 and any content type, so the first bytes are looked at before anything is handed on. A connection
 * that breaks later is resumed where it broke. Throws ITEM_GONE, PORTAL_ANSWER and others before the first byte,
 * ITEM_TRUNCATED and PORTAL_UNREACHABLE while the body is read, ITEM_DAMAGED when it has another size than it must have.
 * @param address of the portal or a server that may be told the token, encoded
 * @param what for messages, as the beginning of a sentence
 */
export async function download(
  client: Client,
  address: string,
  what: string,
  expected: Expected = {},
): Promise<Download | undefined> {
  const opened = await openPatiently(client, address, what, expected);
  if (opened === undefined) return undefined;
  const { headers } = opened.response;
  const isPlain = headers.get('content-encoding') === null;
  const size = opened.head.length === 0 ? 0 : isPlain ? lengthIn(headers) : NaN;
  const wrong = wrongSize(what, size, expected);
  if (wrong !== undefined) {
    await opened.rest.return(undefined);
    throw wrong;
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

/** What is wrong with a size that no file has, or that this one must not have. What is empty is told as that. */
function wrongSize(what: string, size: number, { size: listed, isHeld }: Expected): BackupError | undefined {
  if (size > mostBytes)
    return new BackupError('ITEM_DAMAGED', `${what}: the portal says that it has ${size} bytes, which no file has.`);
  return isHeld === true && listed !== undefined && size > 0 && size !== listed
    ? otherSize(what, size, listed)
    : undefined;
}

/** There are fewer bytes, or more, than a record or a list of the portal says. @param what as the beginning of a sentence */
export function otherSize(what: string, size: number, listed: number): BackupError {
  return new BackupError('ITEM_DAMAGED', `${what}: the portal gives ${size} bytes, but lists it with ${listed}.`);
}

function lengthIn(headers: Headers): number {
  return Number(headers.get('content-length') ?? NaN);
}

async function openPatiently(
  client: Client,
  address: string,
  what: string,
  expected: Expected,
): Promise<Opened | undefined> {
  const { wire } = client;
  for (let tries = 1; ; tries++) {
    try {
      return await wire.patiently(() => client.signed((token) => openOnce(client, address, what, token, expected)));
    } catch (error) {
      if (!(error instanceof PortalError) || error.said === undefined) throw error;
      if (isAbsent(error.said)) return undefined;
      if (!isUnready(error.said) || tries >= unready.tries) throw error;
      await client.clock.sleep(unready.wait * tries);
    }
  }
}

function isUnready({ message, details }: Said): boolean {
  return /error updating file item/i.test(`${message} ${details}`);
}

async function openOnce(
  client: Client,
  address: string,
  what: string,
  token: string,
  expected: Expected,
): Promise<Opened> {
  const { wire } = client;
  const response = await wire.open({ url: address, token, what, headers: plain });
  const rest = bodyOf(response, what, wire.timeouts.idle);
  const { head, isWhole } = await readHead(rest);
  // What has the length that is listed is the file, whatever it looks like.
  const length = isWhole ? head.length : lengthIn(response.headers);
  if (length === expected.size) return { response, head, rest };
  if (head.length === 0 && lengthIn(response.headers) > 0) throw nothingCame(what);
  const text = wire.redactor.text(Buffer.from(head).toString());
  const error = isWhole && isJson(head) ? errorOf(text, expected) : undefined;
  if (error !== undefined) throw explain(error, what);
  if (isPage(response, text, expected)) {
    throw new PortalError('PORTAL_ANSWER', `${what}: the portal answered with a web page.`, { retryable: true });
  }
  return { response, head, rest };
}

function nothingCame(what: string): PortalError {
  return new PortalError('PORTAL_UNREACHABLE', `${what}: the download broke off before its first byte.`, {
    retryable: true,
  });
}

function errorOf(text: string, expected: Expected): Said | undefined {
  return isOtherwise(expected) ? errorInText(text) : errorInDocument(text);
}

const neverText = /\.(csv|tsv|xml|pdf|zip|kmz|kml|gml|png|jpe?g|gif|tiff?|bmp|webp|docx?|xlsx?|pptx?|sd|[a-z]pkx?)$/i;

/** Is a JSON document or a web page certainly not the file? Its length was found to be another one. */
function isOtherwise({ size, isHeld, name }: Expected): boolean {
  return (isHeld === true && size !== undefined) || neverText.test(name ?? '');
}

/** Does it begin like a JSON object, also behind spaces and a byte order mark? */
function isJson(head: Uint8Array): boolean {
  return /^\ufeff?\s*\{/.test(Buffer.from(head.subarray(0, 64)).toString());
}

// Compressed on the way, a body would have another length than the portal says.
const plain = { 'accept-encoding': 'identity' };

/** Enough to tell an error document; the whole file when it is shorter. */
async function readHead(body: AsyncGenerator<Uint8Array>): Promise<{ head: Uint8Array; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length <= longestError) {
    const next = await body.next();
    if (next.done === true) return { head: Buffer.concat(pieces), isWhole: true };
    pieces.push(next.value);
    length += next.value.length;
    // A file that does not begin like JSON or a page needs no further look.
    if (length >= 512 && !isJson(Buffer.concat(pieces))) break;
  }
  return { head: Buffer.concat(pieces), isWhole: false };
}

/** A page of a sign-in wall or a gateway; files of members have a name. */
function isPage({ headers }: Response, text: string, expected: Expected): boolean {
  if (!/^\ufeff?\s*<(!doctype html|html)/i.test(text.slice(0, 512))) return false;
  if (isOtherwise(expected)) return true;
  return headers.get('content-disposition') === null && headers.get('content-type')?.includes('text/html') === true;
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
  return error instanceof PortalError && (error.code === 'PORTAL_UNREACHABLE' || error.code === 'ITEM_TRUNCATED');
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

function truncated(what: string, bytes: number, size: number): PortalError {
  return new PortalError('ITEM_TRUNCATED', `${what}: the download has ${bytes} bytes instead of ${size}.`);
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
