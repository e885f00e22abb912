import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { clientBinding } from './client-binding.ts';
import { functions, installCore, listenToCore, triggerOf, type TypedData } from './core-module.ts';
import { Engine, type EngineStats, type Turn } from './durable/engine.ts';
import { serveHttp } from './http.ts';
import { invoke, invokeHttp, runHooks, type LogEntry } from './invoke.ts';
import type { LoopbackServer } from './loopback.ts';
import { findRoute, readAnswer, type LocalAnswer, type LocalRequest, type LocalResponse } from './routes.ts';
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
  /** the status that refuses a request to a function for which Azure asks a function key; undefined lets it pass, as all without this */
  refuse?: (request: LocalRequest) => Promise<number | undefined>;
  /** ms of real time that activities under way are given at the end; 8000 unless given */
  patience?: number;
  /** a fresh path that nobody can guess, for what only the functions of this process may ask; 32 random bytes unless given */
  secret?: () => string;
}

const newSecret = () => randomBytes(32).toString('hex');

/** The Functions host of a laptop: the unmodified functions, Durable, timers and HTTP in one process, without Azure. */
export interface LocalHost {
  /** Lets `importer` import the functions; ES modules are evaluated once a process, so a second host finds them there. */
  load(importer: () => Promise<void>): Promise<void>;
  /** Calls an HTTP function. Rejects with what it throws. */
  request(request: LocalRequest): Promise<LocalResponse>;
  /** Fires a timer function now. Rejects with what it throws, and for a name that is no timer. */
  runTimer(name: string): Promise<void>;
  /** How an orchestration ended, once it has. Rejects for an id that is not there, and when the host is closed before. */
  completed(id: string): Promise<{ status: string; output?: unknown; error?: string }>;
  /** Serves the HTTP functions on 127.0.0.1. */
  serve(port: number): Promise<LoopbackServer>;
  /** Fires the timer functions on their schedules from now on. */
  startTimers(): void;
  /** What it has done so far. */
  stats(): EngineStats;
  /** Ends within ten seconds, whatever runs. May be called twice. */
  close(): Promise<void>;
}

/** A host; functions are registered by `load`. */
export async function createHost(parts: HostParts): Promise<LocalHost> {
  const { clock, log, patience = 8000 } = parts;
  installCore();
  const closing = new AbortController();
  const unlisten = listenToCore((level, message) => log({ level, functionName: '', message }));
  const failed = (functionName: string, error: unknown) =>
    log({ level: 'error', functionName, message: error instanceof Error ? error.message : String(error) });
  const call = (name: string, data: TypedData): Promise<TypedData> => {
    const fn = functions.get(name);
    if (fn === undefined) return Promise.reject(new Error(`There is no function named '${name}'.`));
    return invoke(fn, data, { clientBinding: binding, log });
  };
  const engine = new Engine({ ...parts, invoke: call });
  const secret = (parts.secret ?? newSecret)();
  const rpc = await serveRpc(engine, { secret, failed: (error) => failed('', error) });
  const binding = clientBinding(`http://127.0.0.1:${rpc.port}/${secret}/`);
  const servers: LoopbackServer[] = [];
  let closed: Promise<void> | undefined;

  const answer = async (given: LocalRequest, refuse?: HostParts['refuse']): Promise<LocalAnswer> => {
    const route = findRoute(given);
    if ('status' in route) return { status: route.status, headers: {}, body: null };
    const isForAll = triggerOf(route.fn, 'httpTrigger')?.authLevel === 'anonymous';
    const refused = isForAll ? undefined : await refuse?.(given);
    if (refused !== undefined) return { status: refused, headers: {}, body: null };
    return invokeHttp(route.fn, { http: route.http }, { clientBinding: binding, log });
  };
  const close = async () => {
    closing.abort(new Error('The host is closing.'));
    // No new requests first; functions under way may still ask the engine.
    await Promise.all(servers.map((server) => server.close()));
    await engine.close(patience);
    await rpc.close();
    unlisten();
  };
  return {
    load: async (importer) => {
      await importer();
      await runHooks('appStart', { hookData: {}, appHookData: {}, functionAppDirectory: '' });
    },
    request: async (given) => readAnswer(await answer(given)),
    runTimer: async (name) => {
      const fn = functions.get(name);
      if (fn && !triggerOf(fn, 'timerTrigger')) throw new Error(`The function '${name}' has no timer.`);
      await call(name, timerData);
    },
    completed: async (id) => {
      const { status, output, error } = await engine.ended(id);
      return { status, ...(output !== undefined && { output }), ...(error !== undefined && { error }) };
    },
    serve: async (port) => {
      const server = await serveHttp(port, {
        answer: (given) => answer(given, parts.refuse),
        failed: (error) => failed('', error),
      });
      servers.push(server);
      return server;
    },
    startTimers: () => startTimers({ clock, signal: closing.signal, invoke: call, failed }),
    stats: () => engine.stats(),
    close: () => (closed ??= close()),
  };
}
