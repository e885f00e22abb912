import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one request: an answer made up, or the real one lost, or its body cut after a third. */
export type Fault = { status: number; code: string } | 'lose the answer' | 'cut the body';

// https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
const notPermitted: Fault = { status: 403, code: 'AuthorizationPermissionMismatch' };

/** A proxy before Azurite. */
export interface Proxy {
  url: string;
  /** how many came */
  requests: () => number;
  /** The next request with this method that has no fault yet gets this one. */
  next(method: string, fault: Fault): void;
  /** From now on whatever is more than reading is refused, as of a person with Storage Blob Data Reader. */
  refuseWrites(): void;
  /** methods and addresses of what was refused as a write */
  refused: readonly string[];
  clear(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of the loopback. */
export async function startProxy(origin: string): Promise<Proxy> {
  let requests = 0;
  let faults: { method: string; fault: Fault }[] = [];
  let readOnly = false;
  const refused: string[] = [];
  const server = createServer((incoming, answer) => {
    requests += 1;
    const at = faults.findIndex(({ method }) => method === incoming.method);
    const [found] = at < 0 ? [] : faults.splice(at, 1);
    const isWrite = readOnly && !['GET', 'HEAD'].includes(incoming.method ?? '');
    if (isWrite) refused.push(`${incoming.method} ${incoming.url}`);
    void pass(origin, incoming, answer, isWrite ? notPermitted : found?.fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    next: (method, fault) => faults.push({ method, fault }),
    refuseWrites: () => (readOnly = true),
    refused,
    clear: () => (faults = []),
    close: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function pass(origin: string, incoming: IncomingMessage, answer: ServerResponse, fault?: Fault): Promise<void> {
  const sent = await read(incoming);
  if (typeof fault === 'object') {
    answer.writeHead(fault.status, { 'x-ms-error-code': fault.code, 'content-type': 'application/xml' });
    answer.end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${fault.code}</Code><Message>no</Message></Error>`);
    return;
  }
  const forwarded = request(new URL(incoming.url ?? '', origin), {
    method: incoming.method,
    headers: incoming.headers,
  });
  forwarded.end(sent);
  const [real] = (await once(forwarded, 'response')) as [IncomingMessage];
  const body = await read(real);
  if (fault === 'lose the answer') {
    incoming.socket.destroy();
    return;
  }
  answer.writeHead(real.statusCode ?? 500, real.headers);
  if (fault === 'cut the body') {
    answer.write(body.subarray(0, body.length / 3), () => incoming.socket.destroy());
    return;
  }
  answer.end(body);
}

async function read(body: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
