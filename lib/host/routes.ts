import { buffer } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import { decoded } from '../decoded.ts';
import { functions, triggerOf, type HttpData, type RegisteredFunction } from './core-module.ts';

/** A request to one of the functions. */
export interface LocalRequest {
  method: string;
  /** with query */
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array | undefined;
}

/** What a function answers; of its body nothing has been read. */
export interface LocalAnswer {
  status: number;
  headers: Record<string, string>;
  body: ReadableStream<Uint8Array> | null;
}

/** What a function answered. */
export interface LocalResponse extends Omit<LocalAnswer, 'body'> {
  /** as text */
  body: string;
  /** as it is */
  bytes: Buffer;
}

/** The function of a request with what its model reads of it; or the status that says why there is none. */
export function findRoute(request: LocalRequest): { fn: RegisteredFunction; http: HttpData } | { status: 404 | 405 } {
  const { host = 'localhost' } = request.headers;
  const url = request.path.startsWith('/') ? URL.parse(`http://${host}${request.path}`) : null;
  if (url === null) return { status: 404 };
  const matching = [...functions.values()].flatMap((fn) => {
    const trigger = triggerOf(fn, 'httpTrigger');
    const params = trigger && paramsOf(trigger.route ?? fn.metadata.name, url.pathname);
    const route = trigger?.route ?? fn.metadata.name;
    return params === undefined ? [] : [{ fn, params, route, methods: trigger?.methods ?? [] }];
  });
  matching.sort((a, b) => (rank(a.route) < rank(b.route) ? -1 : 1));
  const found = matching.find(({ methods }) => methods.includes(request.method.toUpperCase()));
  if (found === undefined) return { status: matching.length > 0 ? 405 : 404 };
  const { method, headers, body } = request;
  const query = Object.fromEntries(url.searchParams);
  const http = {
    method,
    url: url.href,
    headers,
    params: found.params,
    query,
    ...(body !== undefined && { body: typeof body === 'string' ? { string: body } : { bytes: body } }),
  };
  return { fn: found.fn, http };
}

/**
 * What decides between routes that fit one path, part by part: a text goes before a parameter, this before all the rest.
 * https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-template-precedence-and-endpoint-selection-order
 */
function rank(route: string): string {
  const parts = route.split('/').map((part) => (part.startsWith('{*') ? '2' : part.startsWith('{') ? '1' : '0'));
  return parts.join('');
}

/** The parts in braces, when the path is of this route; host.json sets no prefix. */
function paramsOf(route: string, pathname: string): Record<string, string> | undefined {
  const want = route.split('/');
  const have = pathname.split('/').filter(Boolean);
  const rest = /^\{\*(\w+)\}$/.exec(want.at(-1) ?? '')?.[1];
  if (rest === undefined ? want.length !== have.length : want.length - 1 > have.length) return undefined;
  const params: Record<string, string> = {};
  // As in Azure, what is all the rest of the path may hold slashes.
  if (rest !== undefined)
    params[rest] = have
      .splice(want.length - 1)
      .map(decoded)
      .join('/');
  for (const [n, part] of want.slice(0, rest === undefined ? undefined : -1).entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) params[name] = decoded(have[n] ?? '');
    else if (part.toLowerCase() !== have[n]?.toLowerCase()) return undefined;
  }
  return params;
}

/** The answer of a function, whole. */
export async function readAnswer({ status, headers, body }: LocalAnswer): Promise<LocalResponse> {
  const bytes = body === null ? Buffer.alloc(0) : await buffer(body);
  return { status, headers, body: bytes.toString(), bytes };
}
