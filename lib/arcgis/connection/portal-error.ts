import { BackupError, type ErrorCode } from '../../errors.ts';
import { oneLine } from '../../backup/words.ts';

/** What the portal says went wrong, in any of the shapes it has for that (arcgis-rest.md 1.1). */
export interface Said {
  /** numeric, as in the body */
  code: number;
  /** e.g. CONT_0001 */
  messageCode: string | undefined;
  message: string;
  details: string;
}

/**
 * An error of the portal. `said` is what its answer held; `status` that of HTTP, when the answer held nothing else; `wait` ms to
 * let pass before the same call may succeed; `patience` ms after which trying again is given up for good.
 */
export class PortalError extends BackupError {
  readonly said: Said | undefined;
  readonly status: number | undefined;
  readonly wait: number | undefined;
  readonly patience: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      said?: Said;
      status?: number;
      wait?: number | undefined;
      patience?: number;
      retryable?: boolean;
      tried?: boolean;
      hint?: string;
    } = {},
  ) {
    super(code, message, more);
    this.said = more.said;
    this.status = more.status;
    this.wait = more.wait;
    this.patience = more.patience;
  }
}

/** Did the portal say something for which `test` holds? */
export function didSay(error: unknown, test: (said: Said) => boolean): error is PortalError {
  return error instanceof PortalError && error.said !== undefined && test(error.said);
}

/** The item is not there, or not for us: the portal does not tell these apart. */
export const isGone = ({ messageCode, message }: Said) =>
  messageCode === 'CONT_0001' || /^Item does not exist or is inaccessible/i.test(message);

/** The token is not, or no longer valid. */
export const isBadToken = ({ code }: Said) => code === 498;

/** Is somebody told that nobody knows them: the token is invalid, or was passed over? */
export function isStranger({ said, status }: PortalError): boolean {
  return said === undefined ? status === 401 : said.code === 498 || said.code === 499;
}

/** The account may not do this. */
export const isForbidden = ({ code, messageCode }: Said) =>
  code === 403 || (messageCode === 'GWM_0003' && code !== 499);

/** The portal's ways to say that there is no such file (arcgis-rest.md 1.1): of metadata, of data, of a file, of a resource. */
export const isAbsent = ({ messageCode, message }: Said) =>
  ['CONT_0036', 'CONT_0004', 'CONT_0043'].includes(messageCode ?? '') || /does not have a file/i.test(message);

const notThere = /does not exist|not found|no such|does not have/i;

/** Does the portal say for good that it does not have the thing, so that another try would hear the same? */
export function isNone(error: unknown): boolean {
  if (!(error instanceof PortalError) || error.retryable) return false;
  const { said, status } = error;
  if (said === undefined) return status === 404 || status === 410;
  return said.code === 404 || isAbsent(said) || notThere.test(`${said.message} ${said.details}`);
}

/** Does the portal refuse the thing to this account for good? */
export function isRefusal(error: unknown): boolean {
  return error instanceof PortalError && error.code === 'PORTAL_REFUSED';
}

/** Does a text say that there are too many requests just now? That of a gateway which blocks for good says it not (arcgis-rest.md 7). */
export function saysBusy(text: string): boolean {
  return /too many requests|rate (?:limit|exceeded)|throttl|quota exceeded|retry after \d+ ?sec/i.test(text);
}

/** The error in the answer of a call that gives JSON; undefined when the answer is no error. */
export function errorIn(value: unknown): Said | undefined {
  if (!isObject(value)) return undefined;
  const { error, status, messages, code, message } = value;
  if (isObject(error)) return said(error);
  // OAuth 2.0 (RFC 6749, 5.2) has the error as a word.
  if (typeof error === 'string') return said({ code: 400, message: value['error_description'] ?? error });
  if (status === 'error' && Array.isArray(messages))
    return said({ code, message: messages.filter((each) => typeof each === 'string').join(' ') });
  if (typeof code === 'number' && code >= 400 && typeof message === 'string') return said(value);
  return undefined;
}

/** What portals, servers and gateways put beside the error in an error document. */
const besides = new Set(['status', 'timestamp', 'requestId', 'traceId', 'trace', 'path']);

/**
 * The error in a document that may as well be somebody's file: only the portal's own shape counts, with nothing of a file
 * beside it, for a web map or a form may have a key `error` of its own.
 */
export function errorInDocument(text: string): Said | undefined {
  const value = parsed(text);
  if (!isObject(value) || !isObject(value['error'])) return undefined;
  const { error, success, ...others } = value;
  const isOurs = typeof error['code'] === 'number' && typeof error['message'] === 'string';
  const isAlone = Object.entries(others).every(([key, each]) => besides.has(key) && typeof each !== 'object');
  return isOurs && isAlone && success !== true ? said(error) : undefined;
}

/** The error in a text that can be no file, for the file has another length or is no JSON: in any of the portal's shapes. */
export function errorInText(text: string): Said | undefined {
  return errorIn(parsed(text));
}

/**
 * What an administrator reads of an error.
 * @param what the thing that was asked for, as the beginning of a sentence
 */
export function explain(error: Said, what: string): PortalError {
  const text = oneLine(`${error.message} ${error.details}`.trim(), 300).replace(/[.\s]*$/, '');
  const sentence = (ending: string) => `${what}: ${ending} ("${text}").`;
  const fault = (code: ErrorCode, ending: string, more: { wait?: number | undefined; retryable?: boolean } = {}) =>
    new PortalError(code, sentence(ending), { said: error, ...more });
  if (error.code === 429 || ((error.code === 403 || error.code >= 500) && saysBusy(text))) {
    return fault('PORTAL_BUSY', 'the portal gets too many requests', { wait: secondsIn(text), retryable: true });
  }
  if (isGone(error)) return fault('ITEM_GONE', 'the portal has it no more, or does not show it');
  if (error.code === 498) return fault('AUTH_SIGN_IN', 'the portal takes the token for invalid');
  if (error.code === 499) return fault('AUTH_ANONYMOUS', 'the portal answers as if nobody had signed in');
  if (isForbidden(error)) return fault('PORTAL_REFUSED', 'the account of the backup may not see or do this');
  const retryable = error.code === 503 || error.code === 504 || error.code === 502;
  return fault('PORTAL_ERROR', `the portal answers with error ${error.code}`, { retryable });
}

// The portal's own wording is the only place where hosted services say how long: "Retry after 60 sec."
function secondsIn(text: string): number | undefined {
  const found = /retry after (\d+) ?sec/i.exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * 1000;
}

function said({ code, messageCode, message, details }: Record<string, unknown>): Said {
  const list: unknown[] = Array.isArray(details) ? details : typeof details === 'string' ? [details] : [];
  return {
    code: typeof code === 'number' ? code : Number.parseInt(typeof code === 'string' ? code : '', 10) || 0,
    messageCode: typeof messageCode === 'string' ? messageCode : undefined,
    message: typeof message === 'string' ? message : 'no message',
    details: list.filter((each) => typeof each === 'string' && each !== message).join(' '),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
