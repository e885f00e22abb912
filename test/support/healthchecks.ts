import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Healthchecks.io heard. */
export interface Heard {
  signal: string;
  runId: string | null;
  body: string;
}

/** A stand-in for Healthchecks.io; `status` and `text` are what it answers; with `silent` it never does. */
export async function startHealthchecks() {
  const heard: Heard[] = [];
  const state = { heard, status: 200, text: 'OK', silent: false };
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '/', 'http://hc');
      const pieces: Buffer[] = [];
      for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
      const [, , signal = 'success'] = url.pathname.split('/');
      heard.push({ signal, runId: url.searchParams.get('rid'), body: Buffer.concat(pieces).toString() });
      if (!state.silent) response.writeHead(state.status).end(state.text);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(state, { url: `http://127.0.0.1:${port}/5d0d1d5e-secret-uuid`, close });
}
