import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that only this machine reaches. */
export interface LoopbackServer {
  port: number;
  /** Ends it and every connection to it. */
  close(): Promise<void>;
}

/** What a server does. */
export interface Serving {
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** hears what went wrong, which is not for the caller */
  failed: (error: unknown) => void;
}

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Listens on 127.0.0.1. A page in a browser of this machine must not reach it: a request with a foreign Host (DNS
 * rebinding), or from a page of another origin, is refused. Port 0 = any free one. Rejects when the port is taken.
 */
export async function serveLoopback(port: number, { answer, failed }: Serving): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    if (!isLocal(request)) return void response.writeHead(403).end();
    answer(request, response).catch((error: unknown) => {
      const isTooLarge = error instanceof BodyTooLarge;
      if (!isTooLarge && !hasHungUp(error)) failed(error);
      // Half an answer must not look like a whole one.
      if (response.headersSent) return void response.destroy();
      response.writeHead(isTooLarge ? 413 : 500, { connection: 'close' }).end();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close };
}

// Browsers send Origin with whatever may change something, and Sec-Fetch-Site with all the rest; other clients neither.
function isLocal({ headers }: IncomingMessage): boolean {
  const { host = '', origin = `http://${host}`, 'sec-fetch-site': site = 'none' } = headers;
  return loopback.test(host) && origin === `http://${host}` && (site === 'none' || site === 'same-origin');
}

/** A request has more than the server takes. */
class BodyTooLarge extends Error {}

// https://nodejs.org/api/errors.html#err_stream_premature_close
function hasHungUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** The body of a request. Throws when it has more bytes; the server then answers 413. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > mostBytes) throw new BodyTooLarge(`The body has more than ${mostBytes} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
