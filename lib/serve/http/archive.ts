import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { BackupError, toMessage } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { openGate, type GateParts } from '../access/gate.ts';
import { serveGit, type GitAnswer } from '../git/serve.ts';
import { bodyFor } from './held-back.ts';

/** What the archive over HTTP is made of. */
export interface ArchiveHttpParts extends GateParts {
  store: BlobStore;
}

/** A route: what it answers to whom may read. */
type Route = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** The archive over HTTP, as its functions pass it on. */
export type ArchiveHttp = ReturnType<typeof openArchiveHttp>;

/** `archive.git` for stock git, reading only. */
export function openArchiveHttp({ store, ...parts }: ArchiveHttpParts) {
  const git = serveGit(store);
  const gate = openGate(parts);
  const guarded =
    (route: Route): Route =>
    async (request, context) => {
      try {
        const admission = await gate(request.headers.get('authorization'));
        return 'role' in admission ? await route(request, context) : turnedAway(admission, context);
      } catch (error) {
        context.error(toMessage(error));
        return error instanceof BackupError ? plain(503, error.message) : plain(500, 'Something unexpected happened.');
      }
    };
  return {
    advertise: guarded(async (request, context) => {
      const service = new URL(request.url).searchParams.get('service');
      if (service === 'git-receive-pack') return refusePush();
      if (service !== 'git-upload-pack') return plain(403, 'Use a git that is newer than version 1.6.6.');
      return answered(await git.advertise(protocolOf(request, context)), context);
    }),
    uploadPack: guarded(async (request, context) => {
      if (request.headers.get('content-type') !== 'application/x-git-upload-pack-request')
        return plain(415, 'This address is for git.');
      const { body } = request;
      const encoding = request.headers.get('content-encoding');
      return answered(await git.uploadPack({ encoding, body }, protocolOf(request, context)), context);
    }),
    refusePush: guarded(() => Promise.resolve(refusePush())),
  };
}

function protocolOf(request: HttpRequest, context: InvocationContext) {
  return {
    protocol: request.headers.get('git-protocol'),
    failed: (error: unknown) => context.error(toMessage(error)),
  };
}

function answered({ status, type, body }: GitAnswer, { invocationId }: InvocationContext): HttpResponseInit {
  return { status, headers: { ...common, 'content-type': type }, body: bodyFor(invocationId, body) };
}

function refusePush(): HttpResponseInit {
  return plain(403, 'This archive is read-only: what is in it comes from the portal, and nothing can be pushed.');
}

function turnedAway({ status, isGuess }: { status: 401 | 404 | 429; isGuess: boolean }, context: InvocationContext) {
  if (isGuess) context.warn('Somebody tried a wrong key on the archive.');
  if (status === 404) return plain(404, 'There is nothing here.');
  if (status === 429) return plain(429, 'Too many wrong keys; try again in a minute.', { 'retry-after': '60' });
  return plain(401, 'Give ARCHIVE_READ_KEY as the password, with any user name.', {
    'www-authenticate': 'Basic realm="ago-backup archive", charset="UTF-8"',
  });
}

// What is read here changes, and is not for caches in between.
const common = { 'cache-control': 'no-cache, max-age=0, must-revalidate', 'x-content-type-options': 'nosniff' };

/** A sentence for the person who reads it. */
function plain(status: number, sentence: string, headers: Record<string, string> = {}): HttpResponseInit {
  return {
    status,
    headers: { ...common, 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: `${sentence}\n`,
  };
}
