import { PortalError } from './portal-error.ts';

/** Bytes; a page of a hundred items with long descriptions takes a few million. Beyond this the answer is nonsense. */
const mostBytes = 64 * 1024 * 1024;

/** The text of an answer. Throws PORTAL_UNREACHABLE when it breaks off, PORTAL_ANSWER when it does not end. */
export async function readText(response: Response, what: string, idle: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bodyOf(response, what, idle)) {
    pieces.push(piece);
    length += piece.length;
    if (length > mostBytes) throw new PortalError('PORTAL_ANSWER', `${what}: the answer of the portal does not end.`);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

/**
 * The pieces of a body as they come. Throws PORTAL_UNREACHABLE when the connection breaks, and when nothing comes for
 * `idle` ms. Ending early closes the connection.
 */
export async function* bodyOf(response: Response, what: string, idle: number): AsyncGenerator<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return;
  const broken = (cause: string) =>
    new PortalError('PORTAL_UNREACHABLE', `${what}: the download broke off (${cause}).`, { retryable: true });
  try {
    for (;;) {
      const next = await inTime(reader.read(), idle, broken);
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    if (error instanceof PortalError || !(error instanceof Error)) throw error;
    throw broken((error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message);
  } finally {
    // What is left unread is of no use; a reader that has failed already says so again.
    await reader.cancel().catch(() => undefined);
  }
}

/** Only waiting for the portal counts, not the time that the bytes take on our side. */
async function inTime<T>(reading: Promise<T>, idle: number, broken: (cause: string) => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(broken(`nothing came for ${Math.round(idle / 1000)} s`)), idle);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
