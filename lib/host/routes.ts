import { functions, triggerOf, type HttpData, type RegisteredFunction } from './core-module.ts';

/** A request to one of the functions. */
export interface LocalRequest {
  method: string;
  /** with query */
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

/** What a function answered. */
export interface LocalResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The function of a request with what its model reads of it; or the status that says why there is none. */
export function findRoute(request: LocalRequest): { fn: RegisteredFunction; http: HttpData } | { status: 404 | 405 } {
  const url = request.path.startsWith('/') ? URL.parse(`http://localhost${request.path}`) : null;
  if (url === null) return { status: 404 };
  const matching = [...functions.values()].flatMap((fn) => {
    const trigger = triggerOf(fn, 'httpTrigger');
    const params = trigger && paramsOf(trigger.route ?? fn.metadata.name, url.pathname);
    return params === undefined ? [] : [{ fn, params, methods: trigger?.methods ?? [] }];
  });
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
    ...(body !== undefined && { body: { string: body } }),
  };
  return { fn: found.fn, http };
}

/** The parts in braces, when the path is of this route; the prefix is that of host.json. */
function paramsOf(route: string, pathname: string): Record<string, string> | undefined {
  const want = ['api', ...route.split('/')];
  const have = pathname.split('/').filter(Boolean);
  if (want.length !== have.length) return undefined;
  const params: Record<string, string> = {};
  for (const [n, part] of want.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) params[name] = decode(have[n] ?? '');
    else if (part.toLowerCase() !== have[n]?.toLowerCase()) return undefined;
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** The answer of a function, as text. */
export function readAnswer(http: HttpData | undefined): LocalResponse {
  const { statusCode, headers = {}, body } = http ?? {};
  const text = body?.string ?? body?.json ?? (body?.bytes === undefined ? '' : Buffer.from(body.bytes).toString());
  return { status: Number(statusCode ?? 204), headers, body: text };
}
