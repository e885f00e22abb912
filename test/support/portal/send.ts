import type { ServerResponse } from 'node:http';
import { page, type Answer } from './answers.ts';
import type { Ask } from './ask.ts';
import type { LogEntry } from './log.ts';

/** Addresses that give files or are read without f; everywhere else a missing f=json means an HTML page. */
const withoutFormat = /\/data$|\/attachments\/\d+$|\/oauth2\/token\/?$|\/info\/.+|\/resources\/.+/;

function formatted(ask: Ask, answer: Answer): Answer {
  const format = ask.params.get('f');
  if (
    answer.json === undefined ||
    format === 'json' ||
    format === 'pjson' ||
    format === 'geojson' ||
    withoutFormat.test(ask.path)
  )
    return answer;
  return page(200, 'ArcGIS REST Services Directory');
}

function ranged(ask: Ask, answer: Answer): { answer: Answer; from: number; to: number } {
  const whole = { answer, from: 0, to: answer.body.size };
  // Only the storage behind the portal knows ranges.
  if (ask.host !== 'storage' || answer.status !== 200) return whole;
  const range = /^bytes=(\d+)-(\d*)$/.exec(ask.headers.range ?? '');
  const condition = ask.headers['if-range'];
  if (!range || (condition !== undefined && condition !== answer.headers['ETag'])) return whole;
  const from = Number(range[1]);
  const to = Math.min(answer.body.size, range[2] ? Number(range[2]) + 1 : Infinity);
  if (from >= to) return { answer: { ...page(416, 'Range Not Satisfiable') }, from: 0, to: 0 };
  const headers = { ...answer.headers, 'Content-Range': `bytes ${from}-${to - 1}/${answer.body.size}` };
  return { answer: { ...answer, status: 206, headers }, from, to };
}

/** How an answer is written, when not all at once. */
export interface Sending {
  /** the connection breaks after so many bytes */
  cutAfter?: number | undefined;
  /** it comes in four pieces, each so many ms after the one before */
  drip?: number | undefined;
}

/** Writes an answer. */
export async function send(
  ask: Ask,
  given: Answer,
  response: ServerResponse,
  entry: LogEntry,
  { cutAfter = Infinity, drip }: Sending = {},
): Promise<void> {
  const { answer, from, to } = ranged(ask, formatted(ask, given));
  entry.status = answer.status;
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': to - from });
  if (ask.method === 'HEAD') return void response.end();
  const end = Math.min(to, from + cutAfter);
  for (const bytes of drip === undefined ? answer.body.read(from, end) : quarters(answer, from, end)) {
    if (response.destroyed) return;
    if (drip !== undefined) await ask.state.clock.sleep(drip);
    entry.bytes += bytes.length;
    if (!response.write(bytes)) await drained(response);
  }
  if (end === to) return void response.end();
  // The bytes must be on their way before the connection breaks.
  response.write('', () => response.destroy());
}

function* quarters({ body }: Answer, from: number, end: number): Generator<Buffer> {
  const step = Math.max(1, Math.ceil((end - from) / 4));
  for (let at = from; at < end; at += step) yield* body.read(at, Math.min(end, at + step));
}

/** Until more may be written, or the other side has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
