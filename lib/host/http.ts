import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, serveLoopback, type LoopbackServer } from './loopback.ts';
import type { LocalRequest, LocalResponse } from './routes.ts';

/** What serving the HTTP functions needs. */
export interface HttpParts {
  request: (given: LocalRequest) => Promise<LocalResponse>;
  /** hears of what a function threw; its caller is told 500 and nothing else */
  failed: (error: unknown) => void;
}

/** Serves the HTTP functions on 127.0.0.1, without keys. */
export function serveHttp(port: number, { request, failed }: HttpParts): Promise<LoopbackServer> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: path = '/' } = incoming;
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const body = await readBody(incoming);
    const answered = await request({ method, path, headers, ...(body !== '' && { body }) });
    response.writeHead(answered.status, answered.headers);
    response.end(answered.bytes);
  };
  return serveLoopback(port, { answer, failed });
}
