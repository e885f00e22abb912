import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { RunRequest } from '../backup/run.ts';
import { BackupError, toFailure, type ErrorCode } from '../errors.ts';

const text = z.string().trim().min(1).max(256);
const request = z
  .strictObject({
    users: z.array(text).max(1000),
    items: z.array(z.string().regex(/^[0-9a-fA-F]{32}$/, 'an item id has 32 hex digits')).max(1000),
    force: z.boolean(),
    acceptPrune: z.boolean(),
    newArchive: z.boolean(),
    dryRun: z.boolean(),
  })
  .partial();

/** Bytes: a request travels through Durable with what else a step is given, and a message there holds 45 kB. */
const largestRequest = 38_000;

/** Reads the body of POST /api/backups; an empty body asks for everything. Throws USAGE. */
export async function readRunRequest(http: HttpRequest): Promise<RunRequest> {
  return checkRunRequest(await readJsonBody(http));
}

/** The JSON that a request has; an empty body is an empty object. Throws USAGE. */
export async function readJsonBody(http: HttpRequest): Promise<unknown> {
  const body = await http.text();
  if (body.length > 100_000) throw new BackupError('USAGE', 'The body of the request is too long.');
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new BackupError('USAGE', 'The body of the request is not JSON.', { cause });
  }
}

/** Checks what a run is asked for. Throws USAGE with what is wrong. */
export function checkRunRequest(value: unknown): RunRequest {
  const found = request.safeParse(value);
  if (!found.success) {
    const [issue] = found.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new BackupError(
      'USAGE',
      `The request cannot be used: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}.`,
      {
        hint: 'Send {"users": ["name"], "items": ["32 hex digits"], "force": true}, all of them optional; with `ago-backup run` these are --user, --item and --force.',
      },
    );
  }
  const size = Buffer.byteLength(JSON.stringify(found.data));
  if (size > largestRequest) {
    throw new BackupError('USAGE', `The request names too much: it has ${size} bytes of at most ${largestRequest}.`, {
      hint: 'Ask for fewer members or items at a time, or for everything.',
    });
  }
  return Object.fromEntries(Object.entries(found.data).filter(([, given]) => given !== undefined));
}

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } };
}

/** An error as RFC 9457 wants it. @param extra what else there is to say, by names of its own */
export function problem(
  status: number,
  error: unknown,
  headers: Record<string, string> = {},
  extra: object = {},
): HttpResponseInit {
  const { message, ...more } = toFailure(error);
  const body = { type: 'about:blank', title: message, status, ...more, ...extra };
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/problem+json', ...headers } };
}

/** What the caller got wrong; the rest is trouble of ours. */
const statuses: Partial<Record<ErrorCode, number>> = {
  ACCESS_DENIED: 403,
  RUN_ACTIVE: 409,
  USAGE: 400,
  ITEM_UNKNOWN: 404,
  VERSION_UNKNOWN: 404,
  ITEM_AMBIGUOUS: 409,
  RESTORE_UNKNOWN: 404,
  WARNING_UNKNOWN: 404,
  RESTORE_ACCOUNT: 403,
  RESTORE_PRIVILEGE: 403,
  RESTORE_FOREIGN: 409,
  RESTORE_BLOCKED: 409,
  RESTORE_NOTHING: 409,
  RESTORE_STALE: 409,
  RESTORE_READ_ONLY: 409,
};

/** The HTTP status of an error. */
export function statusOf({ code }: BackupError): number {
  return statuses[code] ?? 503;
}

/** Runs a route; what it throws becomes a problem. Nothing of an unexpected error is shown. */
export async function answer(route: () => Promise<HttpResponseInit>): Promise<HttpResponseInit> {
  try {
    return await route();
  } catch (error) {
    if (!(error instanceof BackupError))
      return problem(500, new BackupError('INTERNAL', 'Something unexpected happened.'));
    return problem(statusOf(error), error);
  }
}

/** Runs a route that answers 200 with what it finds, as JSON. */
export function answerJson(route: () => Promise<unknown>): Promise<HttpResponseInit> {
  return answer(async () => json(200, await route()));
}
