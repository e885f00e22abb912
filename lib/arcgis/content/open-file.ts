import type { Client } from '../connection/client.ts';
import { explain, isAbsent, PortalError, type Said } from '../connection/portal-error.ts';
import { bodyOf } from '../connection/text.ts';
import { fileNameIn } from './disposition.ts';
import { insteadOf, isJsonObject, type Expected } from './file-answer.ts';
import { wholeSize } from './file-size.ts';

/** A file's first bytes are here; whatever it turned out to be, it is no error. */
export interface Opened {
  response: Response;
  /** bytes of the whole file; NaN where the answer does not say */
  size: number;
  /** as the portal calls it */
  fileName: string | undefined;
  head: Uint8Array;
  rest: AsyncGenerator<Uint8Array>;
}

/** Compressed on the way, a body would have another length than the portal says. */
export const plain = { 'accept-encoding': 'identity' };

/** Bytes; an error document of the portal is shorter. */
const longestError = 16 * 1024;
/** How often and how long (ms) to wait for the bytes of a finished export; big ones take a while (arcgis-rest.md 6.2). */
const unready = { tries: 6, wait: 10_000 };

/**
 * Asks for a file until its first bytes are here. Undefined when the portal says that there is none. Throws what the portal says in
 * its place, PORTAL_ANSWER, PORTAL_UNREACHABLE and what the sign-in throws.
 */
export async function openFile(
  client: Client,
  address: string,
  what: string,
  expected: Expected,
): Promise<Opened | undefined> {
  const { wire } = client;
  for (let tries = 1; ; tries++) {
    try {
      return await wire.patiently({ url: address }, () =>
        client.signed((token) => openOnce(client, address, what, token, expected)),
      );
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
  const size = wholeSize(response);
  if (size === undefined) {
    await rest.return(undefined);
    throw answered(what, `with status ${response.status} in place of the file`);
  }
  const { head, isWhole } = await readHead(rest);
  const fileName = fileNameIn(wire.redactor.text(response.headers.get('content-disposition') ?? ''));
  const opened = { response, size, fileName, head, rest };
  // What has the length that is listed is the file, whatever it looks like.
  if ((isWhole ? head.length : size) === expected.size) return opened;
  if (head.length === 0 && size > 0) throw nothingCame(what);
  const text = wire.redactor.text(Buffer.from(head).toString());
  const instead = insteadOf({ text, isWhole, type: response.headers.get('content-type'), fileName }, expected);
  if (instead === undefined) return opened;
  await rest.return(undefined);
  if (instead === 'page') throw answered(what, 'with a web page');
  if (instead === 'words') throw answered(what, 'with words about an error in place of the file');
  throw explain(instead, what);
}

function answered(what: string, ending: string): PortalError {
  return new PortalError('PORTAL_ANSWER', `${what}: the portal answered ${ending}.`, { retryable: true });
}

function nothingCame(what: string): PortalError {
  return new PortalError('PORTAL_UNREACHABLE', `${what}: the download broke off before its first byte.`, {
    retryable: true,
  });
}

/** Enough to tell an error document; the whole file when it is shorter. */
async function readHead(body: AsyncGenerator<Uint8Array>): Promise<{ head: Uint8Array; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length <= longestError) {
    const next = await body.next();
    if (next.done === true) return { head: Buffer.concat(pieces), isWhole: true };
    pieces.push(next.value);
    length += next.value.length;
    // A file that does not begin like JSON needs no further look; a page shows in its first bytes, and a sentence is short.
    if (length >= 512 && !isJsonObject(Buffer.concat(pieces).toString('utf8', 0, 64))) break;
  }
  return { head: Buffer.concat(pieces), isWhole: false };
}
