import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { toMessage } from '../../errors.ts';
import { openGate, type GateParts } from '../access/gate.ts';
import { serveGit, type GitAnswer } from '../git/serve.ts';
import { serveLfs, type LfsParts } from '../lfs/serve.ts';
import { guard, plain, uncached } from './guard.ts';
import { bodyFor } from './held-back.ts';
import { largeRoutes } from './large.ts';

/** What the archive over HTTP is made of. */
export type ArchiveHttpParts = GateParts & LfsParts;

/** The archive over HTTP, as its functions pass it on: `archive.git` for stock git and Git LFS, reading only. */
export function openArchiveHttp(parts: ArchiveHttpParts) {
  const git = serveGit(parts.store, parts.clock);
  const gate = openGate(parts);
  const guarded = guard(gate, plain);
  return {
    /** GET info/refs */
    advertise: guarded(async (request, context) => {
      const service = new URL(request.url).searchParams.get('service');
      if (service === 'git-receive-pack') return refusePush();
      if (service !== 'git-upload-pack') return plain(403, 'Use a git that is newer than version 1.6.6.');
      return answered(await git.advertise(protocolOf(request, context)), context);
    }),
    /** POST git-upload-pack */
    uploadPack: guarded(async (request, context) => {
      if (request.headers.get('content-type') !== 'application/x-git-upload-pack-request')
        return plain(415, 'This address is for git.');
      const { body } = request;
      const encoding = request.headers.get('content-encoding');
      return answered(await git.uploadPack({ encoding, body }, protocolOf(request, context)), context);
    }),
    /** POST git-receive-pack */
    refusePush: guarded(() => Promise.resolve(refusePush())),
    ...largeRoutes(serveLfs(parts), gate, parts.isOpen),
  };
}

function protocolOf(request: HttpRequest, context: InvocationContext) {
  return {
    protocol: request.headers.get('git-protocol'),
    failed: (error: unknown) => context.error(toMessage(error)),
  };
}

function answered({ status, type, body }: GitAnswer, { invocationId }: InvocationContext): HttpResponseInit {
  return { status, headers: { ...uncached, 'content-type': type }, body: bodyFor(invocationId, body) };
}

function refusePush(): HttpResponseInit {
  return plain(403, 'This archive is read-only: what is in it comes from the portal, and nothing can be pushed.');
}
