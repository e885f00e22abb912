import type { ServerResponse } from 'node:http';
import { constants, createBrotliCompress, createGzip, type BrotliCompress, type Gzip } from 'node:zlib';
import { Readable } from 'node:stream';

/** Answers that a fault of kind `raw` writes itself: all the ways not to come to an end. */

/** `head`, then `piece` until the other side has had enough, or `times`. */
export function flood(
  head: string,
  piece: string,
  times = Infinity,
  tail = '',
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    pour(response, pieces(head, piece, times, tail));
  };
}

/** A body that is small on the way and `megabytes` large when it is unpacked. */
export function bomb(coding: 'gzip' | 'br', megabytes: number, head = ''): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': coding });
    const packed = coding === 'gzip' ? createGzip({ level: 1 }) : createBrotliCompress({ params: fastest });
    pour(response, pieces(head, ' '.repeat(1024 * 1024), megabytes, ''), packed);
  };
}

const fastest = { [constants.BROTLI_PARAM_QUALITY]: 1 };

/** Many interim answers (RFC 9110, 15.2), then `then`; none = for ever. */
export function storm(status: 102 | 103, times: number, then: (response: ServerResponse) => void) {
  return (response: ServerResponse): void => {
    const { socket } = response;
    let left = times;
    const next = () => {
      while (left > 0 && socket?.writable === true) {
        left -= 1;
        if (!socket.write(`HTTP/1.1 ${status} Wait\r\nX-Filler: ${'x'.repeat(50)}\r\n\r\n`))
          return void socket.once('drain', next);
      }
      if (left === 0) then(response);
    };
    next();
  };
}

/** The bytes of a whole answer, as no honest server would write them. */
export function verbatim(text: string): (response: ServerResponse) => void {
  return ({ socket }) => void socket?.end(text, 'latin1');
}

function* pieces(head: string, piece: string, times: number, tail: string): Generator<string> {
  yield head;
  // A megabyte at a time, for the sake of speed.
  const together = Math.max(1, Math.floor((1024 * 1024) / piece.length));
  const block = piece.repeat(together);
  let left = times;
  for (; left >= together; left -= together) yield block;
  if (left > 0) yield piece.repeat(left);
  yield tail;
}

function pour(response: ServerResponse, text: Iterable<string>, packed?: Gzip | BrotliCompress): void {
  const source = Readable.from(text, { objectMode: false });
  const close = () => (source.destroy(), packed?.destroy());
  response.on('close', close).on('error', close);
  (packed === undefined ? source : source.pipe(packed)).pipe(response);
}
