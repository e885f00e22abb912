import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { insteadOf, type FaultAnswer, type Faults } from './faults.ts';
import { errors, halved, page, type Answer } from './answers.ts';
import type { Ask, Host, Route } from './ask.ts';
import { formOf } from './body.ts';
import { credentialsIn } from './leaks.ts';
import { edited } from './listing-faults.ts';
import { withoutSecrets, type Log, type LogEntry } from './log.ts';
import { send } from './send.ts';
import { tokenMark, type State } from './state.ts';
import { carried } from './tokens.ts';
import { contentOf } from './content.ts';

/** What a server needs to answer. */
export interface Desk {
  state: State;
  faults: Faults;
  log: Log;
}

/** Starts a server on a loopback port; `hostOf` tells which face a path belongs to. */
export async function listen(
  desk: Desk,
  routes: readonly Route[],
  hostOf: (path: string) => Host,
  port = 0,
): Promise<Server> {
  const server = createServer((request, response) => {
    answerOne(desk, routes, hostOf, request, response).catch((error: unknown) => {
      // A mistake in the simulation itself must be seen, not taken for a fault under test.
      response.destroy(error instanceof Error ? error : undefined);
      throw error;
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The address of a listening server. */
export function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ends a server and every connection to it. */
export async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function answerOne(
  desk: Desk,
  routes: readonly Route[],
  hostOf: (path: string) => Host,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://portal');
  const query = new Map(searchParams);
  const body = await formOf(request);
  const form = body.fields;
  const { state } = desk;
  const caller = state.tokens.recognize(request.headers, query, form);
  const params = new Map([...query, ...form]);
  const method = request.method ?? 'GET';
  const host = hostOf(pathname);
  const { headers } = request;
  // Noted before any fault strikes, for a credential that arrives is out, whatever is answered.
  const leaked = host === 'storage' || host === 'foreign' ? credentialsIn(headers, params, pathname, state) : [];
  const ask: Ask = { method, host, path: pathname, headers, params, query, body, caller, leaked, state };
  const route = routes.find(({ pattern }) => pattern.test(pathname));
  const entry = enter(desk.log, ask, route);
  if (ask.leaked.length > 0) state.leaks.push(`${ask.host} ${pathname}: ${ask.leaked.join(', ')}`);
  if (state.behaviour.latency > 0) await state.clock.sleep(state.behaviour.latency);
  const fault = desk.faults.strike({ ...entry, path: pathname });
  if (fault === 'reset') return void request.socket.destroy();
  if (fault === 'hang') return;
  if (typeof fault === 'object' && 'raw' in fault) return fault.raw(response);
  const { value: token } = carried(headers, query, form);
  if (token !== undefined) state.heard = token;
  const answer = echoed(state, (fault && insteadOf(fault)) ?? (await respond(ask, route, fault)));
  // The portal has done what it was asked for; whoever asked does not learn it.
  if (fault === 'lost') return void request.socket.destroy();
  const cutAfter = typeof fault === 'object' && 'cutAfter' in fault ? fault.cutAfter : undefined;
  const drip = typeof fault === 'object' && 'drip' in fault ? fault.drip : undefined;
  await send(ask, answer, response, entry, { cutAfter, drip });
}

/** The storage is told no token, but may have been told what to echo. */
function echoed({ behaviour, heard }: State, answer: Answer): Answer {
  if (!behaviour.echoes || answer.body.size > 1_000_000) return answer;
  const body = answer.body.bytes();
  if (!body.includes(tokenMark)) return answer;
  const text = body.toString('latin1').replaceAll(tokenMark, heard);
  return { ...answer, body: contentOf(Buffer.from(text, 'latin1'), answer.body.type) };
}

function enter(log: Log, ask: Ask, route: Route | undefined): LogEntry {
  const entry: LogEntry = {
    method: ask.method,
    host: ask.host,
    path: ask.path,
    query: withoutSecrets(ask.params),
    who: ask.caller.account?.username ?? null,
    tokenIn: ask.caller.tokenIn,
    referer: ask.headers.referer ?? null,
    bytes: 0,
    status: 0,
    // What no route knows and is no question may change something at the real portal.
    kind: route ? (route.kind ?? 'read') : /^(GET|HEAD)$/.test(ask.method) ? 'read' : 'write',
  };
  log.entries.push(entry);
  return entry;
}

/** The true answer, with what a fault does to it. */
async function respond(ask: Ask, route: Route | undefined, fault: FaultAnswer | undefined): Promise<Answer> {
  const answer = await routed(ask, route);
  if (fault === 'half') return halved(answer);
  if (typeof fault !== 'object') return answer;
  if ('delay' in fault) await ask.state.clock.sleep(fault.delay);
  if ('after' in fault) fault.after();
  return 'edit' in fault && answer.json !== undefined ? edited(answer.json, fault.edit) : answer;
}

async function routed(ask: Ask, route: Route | undefined): Promise<Answer> {
  if (!route) return page(404, 'Not Found');
  // A wrong token is refused even where none is needed; signing in is the way out.
  const isSignIn = /\/(generateToken|oauth2\/token)\/?$/.test(ask.path);
  if (ask.caller.invalid && !isSignIn && (ask.host === 'portal' || ask.host === 'server')) return errors.invalidToken();
  if (route.kind === 'write' && ask.method !== 'POST') return page(405, 'Method Not Allowed');
  const parts = route.pattern.exec(ask.path)?.slice(1) ?? [];
  try {
    return await route.answer(ask, ...parts.map((part) => decodeURIComponent(part ?? '')));
  } catch (error) {
    if (error instanceof URIError) return page(400, 'Bad Request');
    throw error;
  }
}
