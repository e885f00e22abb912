import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../lib/clock.ts';
import { serveGit } from '../lib/serve/git/serve.ts';
import { openStore } from '../lib/storage/open.ts';

/** A server on a port of this machine. */
export async function listen(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/backup.git`, close: () => server.close() };
}

/** Our answers over the archive at this path. */
export function answerOurs(archive: string) {
  const git = serveGit(openStore(`file:${archive}`, { clock: systemClock }), systemClock);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const header = (name: string) => request.headers[name]?.toString() ?? null;
    const protocol = { protocol: header('git-protocol'), failed: console.error };
    const asked = { encoding: header('content-encoding'), body: request };
    const answered = request.method === 'GET' ? git.advertise(protocol) : git.uploadPack(asked, protocol);
    const { status, type, body } = await answered;
    response.writeHead(status, { 'content-type': type });
    await pipeline(Readable.from(body), response);
  };
}

/** git's own answers, as a web server calls it. https://git-scm.com/docs/git-http-backend */
export const answerTheirs =
  (folder: string) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const env = {
      ...process.env,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
    };
    const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    request.pipe(child.stdin);
    let head = Buffer.alloc(0);
    for await (const piece of child.stdout as AsyncIterable<Buffer>) {
      if (response.headersSent) {
        if (!response.write(piece)) await once(response, 'drain');
        continue;
      }
      head = Buffer.concat([head, piece]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) continue;
      const lines = head
        .toString('latin1', 0, end)
        .split('\r\n')
        .map((line) => line.split(': '));
      response.writeHead(200, Object.fromEntries(lines.map(([name = '', value = '']) => [name, value])));
      response.write(head.subarray(end + 4));
    }
    response.end();
  };
