import type { HttpResponseInit, InvocationContext } from '@azure/functions';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReadableStream } from 'node:stream/web';

/**
 * `@azure/functions` writes a body as fast as it comes, whether the client reads or not, and does not notice when it hangs up
 * (page.md, section C; https://github.com/Azure/azure-functions-nodejs-library/issues/294): so the body itself looks at the
 * response that it goes into, which Node announces. Where there is no such response, as on the local host, who reads the
 * body does both.
 */
const responses = new Map<string, ServerResponse>();

/** Notices the responses of the Functions worker from now on. */
export function noticeResponses(): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const id = request.headers['x-ms-invocation-id'];
    if (typeof id !== 'string') return;
    responses.set(id, response);
    response.once('close', () => responses.delete(id));
  });
}

/** The body of an HTTP answer: it comes as fast as the client of this invocation reads, and ends when it hangs up. */
export function bodyFor(invocationId: string, body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(heldBack(body, responses.get(invocationId)));
}

/** An answer of the API, which knows nothing of who reads it. */
export function heldBackAnswer(answer: HttpResponseInit, { invocationId }: InvocationContext): HttpResponseInit {
  const { body } = answer;
  return body instanceof ReadableStream ? { ...answer, body: bodyFor(invocationId, body) } : answer;
}

async function* heldBack(
  body: AsyncIterable<Uint8Array>,
  response: ServerResponse | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) {
      if (response?.closed === true) return;
      yield piece;
      if (response?.writableNeedDrain === true) await drained(response);
    }
  } catch (error) {
    // The library would leave the connection open for ever, and the client waiting.
    response?.destroy();
    throw error;
  }
}

/** Until there is room again, or nobody is there any more. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    over.abort();
  }
}
