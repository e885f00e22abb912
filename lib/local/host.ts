import type { Clock } from '../clock.ts';
import { clientBinding } from './client-binding.ts';
import { functions, installCore, listenToCore, type TypedData } from './core-module.ts';
import { Engine, type Turn } from './engine.ts';
import { invoke, runHooks, type LogEntry } from './invoke.ts';
import { readBody, serveLoopback, type LoopbackServer } from './loopback.ts';
import { findRoute, readAnswer, type LocalRequest, type LocalResponse } from './routes.ts';
import { serveRpc } from './rpc.ts';
import { startTimers, timerData } from './timers.ts';

/** What a host is made of. */
export interface HostParts {
  clock: Clock;
  log: (entry: LogEntry) => void;
  /** activities at a time */
  maxActivities: number;
  /** hears of every turn of an orchestration; for tests */
  observe?: (turn: Turn) => void;
}

/** The Functions host of a laptop: the unmodified functions, Durable, timers and HTTP in one process, without Azure. */
export interface LocalHost {
  /** Lets `importer` import the functions; ES modules are evaluated once a process, so a second host finds them there. */
  load(importer: () => Promise<void>): Promise<void>;
  /** Calls an HTTP function. */
  request(request: LocalRequest): Promise<LocalResponse>;
  /** Fires a timer function now. */
  runTimer(name: string): Promise<void>;
  /** How an orchestration ended, once it has. Rejects for an id that is not there. */
  completed(id: string): Promise<{ status: string; output?: unknown; error?: string }>;
  /** Serves the HTTP functions on 127.0.0.1. */
  serve(port: number): Promise<LoopbackServer>;
  /** Fires the timer functions on their schedules from now on. */
  startTimers(): void;
  /** Ends within ten seconds, whatever runs. May be called twice. */
  close(): Promise<void>;
}

/** ms that activities under way are given */
const patience = 8000;

/** A host; functions are registered by `load`. */
export async function createHost({ clock, log, maxActivities, observe }: HostParts): Promise<LocalHost> {
  installCore();
  const closing = new AbortController();
  const unlisten = listenToCore((level, message) => log({ level, functionName: '', message }));
  const call = (name: string, data: TypedData): Promise<TypedData> => {
    const fn = functions.get(name);
    if (fn === undefined) return Promise.reject(new Error(`There is no function named '${name}'.`));
    return invoke(fn, data, { clientBinding: binding, log });
  };
  const engine = new Engine({ clock, maxActivities, invoke: call, observe });
  const rpc = await serveRpc(engine);
  const binding = clientBinding(`http://127.0.0.1:${rpc.port}/durabletask/`);
  const servers: LoopbackServer[] = [rpc];

  const request = async (given: LocalRequest): Promise<LocalResponse> => {
    const route = findRoute(given);
    if ('status' in route) return { status: route.status, headers: {}, body: '' };
    return readAnswer((await call(route.fn.metadata.name, { http: route.http })).http);
  };
  return {
    load: async (importer) => {
      await importer();
      await runHooks('appStart', { hookData: {}, appHookData: {}, functionAppDirectory: '' });
    },
    request,
    runTimer: async (name) => void (await call(name, timerData)),
    completed: async (id) => {
      const { status, output, error } = await engine.ended(id);
      return { status, ...(output !== undefined && { output }), ...(error !== undefined && { error }) };
    },
    serve: async (port) => {
      const server = await serveLoopback(port, async (incoming, response) => {
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        );
        const { method = 'GET', url: path = '/' } = incoming;
        const body = await readBody(incoming);
        const answer = await request({ method, path, headers, ...(body !== '' && { body }) });
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
      });
      servers.push(server);
      return server;
    },
    startTimers: () => {
      const failed = (name: string, error: unknown) =>
        log({ level: 'error', functionName: name, message: error instanceof Error ? error.message : String(error) });
      startTimers({ clock, signal: closing.signal, invoke: call, failed });
    },
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort(new Error('The host is closing.'));
      await engine.close(patience);
      await Promise.all(servers.map((server) => server.close()));
      unlisten();
    },
  };
}
