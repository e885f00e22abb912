import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readBody, serveLoopback, type LoopbackServer } from './loopback.ts';
import type { LocalAnswer, LocalRequest } from './routes.ts';

/** What serving the HTTP functions needs. */
export interface HttpParts {
  answer: (given: LocalRequest) => Promise<LocalAnswer>;
  /** hears of what a function threw; its caller is told 500 and nothing else */
  failed: (error: unknown) => void;
}

/** Bytes of a request: who has many objects names each of them. */
const mostBytes = 32 * 1024 * 1024;

/** Serves the HTTP functions on 127.0.0.1, without keys. */
export function serveHttp(port: number, { answer, failed }: HttpParts): Promise<LoopbackServer> {
  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: path = '/' } = incoming;
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const body = await readBody(incoming, mostBytes);
    const answered = await answer({ method, path, headers, ...(body.length > 0 && { body }) });
    response.writeHead(answered.status, answered.headers);
    await send(answered, response, method);
  };
  return serveLoopback(port, { answer: serve, failed });
}

/** As fast as the other end reads. Once it hangs up, the body is told, which frees what it holds. */
async function send({ body }: LocalAnswer, response: ServerResponse, method: string): Promise<void> {
  if (body === null) return void response.end();
  if (method !== 'HEAD') return pipeline(Readable.fromWeb(body), response);
  response.end();
  await body.cancel();
}
