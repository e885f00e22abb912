import type { HttpResponseInit } from '@azure/functions';
import { toMessage } from '../../errors.ts';
import type { openGate } from '../access/gate.ts';
import { readAll } from '../git/message.ts';
import { Refusal } from '../git/refusal.ts';
import { readOnly, refusal, type LfsAnswer } from '../lfs/batch.ts';
import type { LfsServer } from '../lfs/serve.ts';
import { guard, uncached, type Say } from './guard.ts';
import { bodyFor } from './held-back.ts';
import { readRange } from './range.ts';

/** Bytes of a batch: a thousand objects take a tenth of it. */
const mostBatch = 1024 * 1024;

/** The routes of Git LFS below `archive.git/info/lfs`. */
export function largeRoutes(lfs: LfsServer, gate: ReturnType<typeof openGate>, isOpen: boolean) {
  const guarded = guard(gate, say);
  return {
    /** POST objects/batch */
    largeBatch: guarded(async (request, context) => {
      const url = `${new URL(request.url).origin}/archive.git`;
      const failed = (error: unknown) => context.warn(toMessage(error));
      try {
        const text = (await readAll(request.body, mostBatch)).toString();
        return answerOf(await lfs.batch(text, { url, isOpen, failed }));
      } catch (error) {
        if (error instanceof Refusal) return say(error.status, error.message);
        throw error;
      }
    }),
    /** GET objects/{oid} */
    large: guarded(async ({ params, headers }, { invocationId }) => {
      const oid = params['oid'] ?? '';
      const size = await lfs.size(oid);
      if (size === undefined) return say(404, 'The archive does not have this object.');
      const range = readRange(headers.get('range'), size);
      const bounds = { 'content-range': `bytes */${size}` };
      if (range === 'none') return say(416, `This object has ${size} bytes.`, bounds);
      const body = await lfs.read(oid, range);
      if (body === undefined) return say(404, 'The archive does not have this object.');
      const { start, length } = range ?? { start: 0, length: size };
      if (range !== undefined) bounds['content-range'] = `bytes ${start}-${start + length - 1}/${size}`;
      return {
        status: range === undefined ? 200 : 206,
        headers: { ...download(oid, length), ...(range !== undefined && bounds) },
        body: bodyFor(invocationId, body),
      };
    }),
    /** GET locks: nobody holds any */
    listLocks: guarded(() => Promise.resolve(answerOf({ status: 200, body: { locks: [] } }))),
    /** POST locks and what is below: a push asks who holds which, and is told of none; everything else is refused */
    changeLocks: guarded(({ params }) =>
      Promise.resolve(
        answerOf(
          params['rest'] === 'verify' ? { status: 200, body: { ours: [], theirs: [] } } : refusal(403, readOnly),
        ),
      ),
    ),
  };
}

const say: Say = (status, message, headers = {}) => answerOf(refusal(status, message), headers);

// git-lfs takes nothing else for an answer, and shows the message of an error.
function answerOf({ status, body }: LfsAnswer, headers: Record<string, string> = {}): HttpResponseInit {
  const type = { 'content-type': 'application/vnd.git-lfs+json' };
  return { status, headers: { ...uncached, ...type, ...headers }, body: JSON.stringify(body) };
}

/** A file that no browser shows or runs: what members upload must not act in the name of this address. */
function download(oid: string, length: number): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    'content-length': String(length),
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'accept-ranges': 'bytes',
    etag: `"${oid}"`,
  };
}
