import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that only this machine reaches. */
export interface LoopbackServer {
  port: number;
  /** Ends it and every connection to it. */
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Listens on 127.0.0.1. A page in a browser of this machine must not reach it: a request with a foreign Host (DNS
 * rebinding) or Origin is refused. Port 0 = any free one. Rejects when the port is taken.
 */
export async function serveLoopback(port: number, answer: Answer): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    if (!isLocal(request)) return void response.writeHead(403).end();
    answer(request, response).catch(() => {
      // What it is about is not for the caller; the function's own log has it.
      if (!response.headersSent) response.writeHead(500);
      response.end();
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

function isLocal({ headers }: IncomingMessage): boolean {
  const origin = headers.origin?.replace(/^https?:\/\//, '');
  return loopback.test(headers.host ?? '') && (origin === undefined || loopback.test(origin));
}

/** Bytes; a run request is far smaller, an orchestrator's input too. */
const mostBytes = 1_000_000;

/** The body of a request as text. Throws RangeError when it is too long. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > mostBytes) throw new RangeError(`The body has more than ${mostBytes} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
