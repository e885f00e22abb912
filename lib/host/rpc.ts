import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConflictError } from './durable/conflict.ts';
import type { Engine } from './durable/engine.ts';
import type { Instance } from './durable/instance.ts';
import { readBody, serveLoopback, type LoopbackServer } from './loopback.ts';

/**
 * Serves the extension's local RPC, which the real DurableClient of durable-functions talks to
 * (durable-functions, lib/src/durableClient/DurableClient.js). No entities, no rewind, no restart.
 * Any user of this machine reaches its port, and it ends runs and shows inputs: it answers only below a path that nobody
 * can guess.
 * @param secret first part of every path; of an address, so letters and digits
 * @param failed hears of requests that could not be answered
 */
export function serveRpc(
  engine: Engine,
  { secret, failed }: { secret: string; failed: (error: unknown) => void },
): Promise<LoopbackServer> {
  const wanted = digest(secret);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // Digests have one length, so that the comparison takes the same time whatever is guessed.
    if (timingSafeEqual(digest(pathname.split('/')[1] ?? ''), wanted)) return answerRpc(engine, request, response);
    response.writeHead(404).end();
  };
  return serveLoopback(0, { answer, failed });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Bytes: an orchestrator's input is far smaller. */
const mostBytes = 1_000_000;

type Send = (status: number, value?: unknown) => void;

async function answerRpc(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [what, ...path] = pathname.split('/').filter(Boolean).slice(1).map(decodeURIComponent);
  const body = (await readBody(request, mostBytes)).toString();
  const send: Send = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(value === undefined ? '' : JSON.stringify(value));
  };
  const [id, verb] = path;
  try {
    if (what === 'orchestrators') begin(engine, path, body, send);
    else if (what !== 'instances') send(501, { message: `The local host has no ${what ?? 'such thing'}.` });
    else if (id === undefined) many(engine, request.method, searchParams, send);
    else if (verb === undefined) one(engine, request.method, engine.instances.get(id), send);
    else act(engine, engine.instances.get(id), path, searchParams.get('reason') ?? '', body, send);
  } catch (error) {
    // Too large to travel.
    if (!(error instanceof RangeError)) throw error;
    send(400, { message: error.message });
  }
}

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

function one(engine: Engine, method: string | undefined, instance: Instance | undefined, send: Send): void {
  if (instance === undefined) return send(404, {});
  if (method !== 'DELETE') return send(instance.execution ? 202 : 200, view(instance));
  if (instance.execution) return send(404, {});
  engine.forget(instance);
  send(200, { instancesDeleted: 1 });
}

function act(
  engine: Engine,
  instance: Instance | undefined,
  [, verb, name = '']: string[],
  reason: string,
  body: string,
  send: Send,
): void {
  if (instance === undefined) return send(404, {});
  if (!instance.execution) return send(410, {});
  if (verb === 'terminate') engine.terminate(instance, reason);
  else if (verb === 'suspend' || verb === 'resume') engine.suspend(instance, verb === 'suspend');
  else if (verb === 'raiseEvent') engine.raise(instance, name, body);
  else return send(501, { message: `The local host cannot ${verb ?? ''}.` });
  send(202);
}

function many(engine: Engine, method: string | undefined, search: URLSearchParams, send: Send): void {
  const states = search.get('runtimeStatus')?.split(',');
  const from = Date.parse(search.get('createdTimeFrom') ?? '') || -Infinity;
  const to = Date.parse(search.get('createdTimeTo') ?? '') || Infinity;
  const found = [...engine.instances.values()].filter(
    ({ status, created }) => (states?.includes(status) ?? true) && created >= from && created <= to,
  );
  if (method !== 'DELETE') return send(200, found.map(view));
  const ended = found.filter(({ execution }) => !execution);
  for (const each of ended) engine.forget(each);
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
