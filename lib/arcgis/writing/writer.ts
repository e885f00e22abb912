import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { BackupError } from '../../errors.ts';
import { shaped, type Client, type PortalCall } from '../connection/client.ts';
import { PortalError, type Said } from '../connection/portal-error.ts';

/** A write: `params` and `files` of a POST, to a path below the REST API or to an address that may be told the token. */
export type Write = Pick<PortalCall, 'params' | 'files' | 'what'> & ({ path: string } | { url: string });

const done = z.looseObject({ success: z.unknown().optional() });

/**
 * Sends what changes the portal: each request once, one after the other, no faster than allowed. A request whose answer was lost may
 * have taken effect, so whoever sends it looks before it sends it again.
 */
export class Writer {
  readonly #client: Client;
  readonly #clock: Clock;
  /** ms between two writes */
  readonly #interval: number;
  /** when the next one may leave, epoch ms */
  #next = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param rate writes a second; 0 = as fast as the portal answers */
  constructor(client: Client, rate: number) {
    this.#client = client;
    this.#clock = client.clock;
    this.#interval = rate > 0 ? 1000 / rate : 0;
  }

  /**
   * The answer of a write that the portal says it has done. Throws RESTORE_REFUSED when the portal says that it has not (also
   * `success: false` without an error), PORTAL_… when nobody knows, AUTH_….
   */
  async send<T = Record<string, unknown>>(write: Write, schema?: z.ZodType<T>): Promise<T> {
    const turn = this.#last.then(() => this.#send(write));
    this.#last = turn.catch(() => undefined);
    const answer = shaped(done, await turn, write.what);
    if (answer.success === false) throw new BackupError('RESTORE_REFUSED', `${write.what}: the portal did not do it.`);
    return schema === undefined ? (answer as T) : shaped(schema, answer, write.what);
  }

  async #send(write: Write): Promise<unknown> {
    const { params = {}, files, what } = write;
    const url = 'url' in write ? write.url : `${this.#client.root}${write.path}`;
    const wait = this.#next - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait);
    this.#next = this.#clock.now() + this.#interval;
    try {
      return await this.#client.ask({ params, files, what, url, method: 'POST', once: true });
    } catch (error) {
      throw asRefusal(error);
    }
  }
}

/** What the portal says that it will not do; a server's own trouble is no answer, and it may have done it all the same. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof PortalError) || error.retryable) return error;
  const isAnswer = (error.said !== undefined && error.said.code < 500) || error.code === 'PORTAL_REFUSED';
  if (!isAnswer || error.code.startsWith('AUTH_')) return error;
  const message = error.message.replace('the account of the backup', 'the account that restores');
  return new BackupError(refusalOf(error.said), message, { cause: error });
}

/** What only the portal's own words tell apart (restore.md 3.1): no credits, a name of a file that is taken. */
function refusalOf(said: Said | undefined): 'RESTORE_CREDITS' | 'RESTORE_NAME' | 'RESTORE_REFUSED' {
  const text = `${said?.message ?? ''} ${said?.details ?? ''}`;
  if (/\bcredits?\b/i.test(text) && lacking.test(text)) return 'RESTORE_CREDITS';
  const isTaken =
    said?.messageCode === 'CONT_0027' || /\bfile ?name already exists|with file '.*' already exists/i.test(text);
  return isTaken ? 'RESTORE_NAME' : 'RESTORE_REFUSED';
}

const lacking = /insufficient|enough|sufficient|exceed|fewer|run out|out of|\bno\b|lack|zero|negative|budget/i;

/** Does nobody know whether a write took effect? */
export function isUncertain(error: unknown): boolean {
  return error instanceof PortalError && /^PORTAL_(?:UNREACHABLE|ANSWER|BUSY|ERROR)$/.test(error.code);
}
