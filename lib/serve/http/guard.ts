import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { BackupError, toMessage } from '../../errors.ts';
import type { openGate } from '../access/gate.ts';

/** A route: what it answers to whom may read. */
export type Route = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** A sentence for whoever asked, in the words of who asks for them. */
export type Say = (status: number, sentence: string, headers?: Record<string, string>) => HttpResponseInit;

// What is read here changes, and is not for caches in between.
export const uncached = {
  'cache-control': 'no-cache, max-age=0, must-revalidate',
  'x-content-type-options': 'nosniff',
};

/** A sentence as text. */
export const plain: Say = (status, sentence, headers = {}) => ({
  status,
  headers: { ...uncached, 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${sentence}\n`,
});

/** Lets only those through who may read; and whatever goes wrong there is answered, and logged in one line. */
export function guard(gate: ReturnType<typeof openGate>, say: Say): (route: Route) => Route {
  return (route) => async (request, context) => {
    try {
      const admission = await gate(request.headers.get('authorization'));
      return 'role' in admission ? await route(request, context) : turnedAway(admission, context, say);
    } catch (error) {
      context.error(toMessage(error));
      return error instanceof BackupError ? say(503, error.message) : say(500, 'Something unexpected happened.');
    }
  };
}

const realm = 'Basic realm="ago-backup archive", charset="UTF-8"';

function turnedAway(
  { status, isGuess }: { status: 401 | 404 | 429; isGuess: boolean },
  context: InvocationContext,
  say: Say,
): HttpResponseInit {
  if (isGuess) context.warn('Somebody tried a wrong key on the archive.');
  if (status === 404) return say(404, 'There is nothing here.');
  if (status === 429) return say(429, 'Too many wrong keys; try again in a minute.', { 'retry-after': '60' });
  // git-lfs asks for the key by a header of its own, and git by the usual one.
  const asking = { 'www-authenticate': realm, 'lfs-authenticate': realm };
  return say(401, 'Give ARCHIVE_READ_KEY as the password, with any user name.', asking);
}
