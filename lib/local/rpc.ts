import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConflictError, type Engine } from './engine.ts';
import { isOpen, type Instance } from './instance.ts';
import { readBody, serveLoopback, type LoopbackServer } from './loopback.ts';

/** Serves the extension's local RPC, which the real DurableClient of durable-functions talks to. */
export function serveRpc(engine: Engine): Promise<LoopbackServer> {
  return serveLoopback(0, (request, response) => answer(engine, request, response));
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [what, ...path] = pathname.split('/').filter(Boolean).slice(1).map(decodeURIComponent);
  const body = await readBody(request);
  const send = (status: number, value?: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(value === undefined ? '' : JSON.stringify(value));
  };
  if (what === 'orchestrators') return begin(engine, path, body, send);
  const [id, verb, name = ''] = path;
  if (id === undefined) return many(engine, request.method, searchParams, send);
  const instance = engine.instances.get(id);
  if (instance === undefined) return send(404, {});
  if (request.method === 'DELETE') {
    if (isOpen(instance)) return send(404, {});
    engine.instances.delete(id);
    return send(200, { instancesDeleted: 1 });
  }
  const reason = searchParams.get('reason') ?? '';
  if (verb === 'terminate') engine.terminate(instance, reason);
  else if (verb === 'suspend' || verb === 'resume') engine.suspend(instance, verb === 'suspend');
  else if (verb === 'raiseEvent') engine.raise(instance, name, body);
  else if (verb === undefined) return send(isOpen(instance) ? 202 : 200, view(instance));
  else return send(501, {});
  send(202);
}

type Send = (status: number, value?: unknown) => void;

function begin(
  engine: Engine,
  [name = '', id = randomUUID().replaceAll('-', '')]: string[],
  body: string,
  send: Send,
): void {
  try {
    engine.start(name, id, body === '' ? null : (JSON.parse(body) as unknown));
    send(202, { id });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    send(409, { message: error.message });
  }
}

function many(engine: Engine, method: string | undefined, search: URLSearchParams, send: Send): void {
  const states = search.get('runtimeStatus')?.split(',');
  const found = [...engine.instances.values()].filter(({ status }) => states?.includes(status) ?? true);
  if (method !== 'DELETE') return send(200, found.map(view));
  const ended = found.filter((instance) => !isOpen(instance));
  for (const { id } of ended) engine.instances.delete(id);
  send(ended.length > 0 ? 200 : 404, { instancesDeleted: ended.length });
}

function view({ id, name, status, input, output, error, customStatus, created, updated }: Instance) {
  return {
    name,
    instanceId: id,
    runtimeStatus: status,
    input,
    customStatus: customStatus ?? null,
    output: output ?? error ?? null,
    createdTime: new Date(created).toISOString(),
    lastUpdatedTime: new Date(updated).toISOString(),
  };
}
