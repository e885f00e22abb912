import { file, json, page, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';

/** Credentials that reached a host which they are not for. */
function noteLeak({ headers, params, host, path, state }: Ask): boolean {
  const carried = ['authorization', 'x-esri-authorization', 'cookie'].filter((name) => headers[name] !== undefined);
  if (params.has('token')) carried.push('token');
  if (carried.length > 0) state.leaks.push(`${host} ${path}: ${carried.join(', ')}`);
  return carried.length > 0;
}

/** A signed address of the storage; like S3 it refuses a request with two kinds of credentials. */
function stored(ask: Ask, signature = ''): Answer {
  if (noteLeak(ask)) return page(400, 'Only one auth mechanism allowed');
  const found = ask.state.signed.get(signature);
  if (!found || ask.params.get('X-Amz-Signature') !== signature) return page(403, 'SignatureDoesNotMatch');
  const answer = file(found.content, found.name);
  return { ...answer, headers: { ...answer.headers, ETag: found.content.etag } };
}

function foreign(ask: Ask): Answer {
  noteLeak(ask);
  return json({ layers: [], tables: [] });
}

/** Where files lie. */
export const storageRoutes: Route[] = [{ pattern: /^\/items\/([^/]+)$/, answer: stored }];

/** A host that belongs to somebody else and would like to have a token. */
export const foreignRoutes: Route[] = [{ pattern: /^\//, answer: foreign }];
