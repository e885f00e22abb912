import { file, json, page, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';

/** A signed address of the storage, good for one request; like S3 it refuses one with two kinds of credentials. */
function stored(ask: Ask, signature = ''): Answer {
  if (ask.leaked.length > 0) return page(400, 'Only one auth mechanism allowed');
  const { signed } = ask.state;
  const found = signed.get(signature);
  if (!found || ask.params.get('X-Amz-Signature') !== signature) return page(403, 'SignatureDoesNotMatch');
  signed.delete(signature);
  const answer = file(found.content, found.name);
  return { ...answer, headers: { ...answer.headers, ETag: found.content.etag, 'Accept-Ranges': 'bytes' } };
}

/** Where files lie. */
export const storageRoutes: Route[] = [{ pattern: /^\/items\/([^/]+)$/, answer: stored }];

/** A host that belongs to somebody else and would like to have a token; the log has every request. */
export const foreignRoutes: Route[] = [{ pattern: /^\//, answer: () => json({ layers: [], tables: [] }) }];
