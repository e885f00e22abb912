import { BackupError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** What Healthchecks.io is told; `log` leaves the check as it is. https://healthchecks.io/docs/http_api/ */
export type Signal = 'start' | 'success' | 'fail' | 'log';

/** Tells the outside world; false when there is nobody to tell. Throws PING_FAILED, which must not fail a run. */
export type Ping = (signal: Signal, runId: string, body: string) => Promise<boolean>;

const timeout = 10_000;
/** Healthchecks.io keeps the first 100 kB of a body. */
const mostCharacters = 90_000;

/**
 * Pings a check. Its address is a secret: who knows it can silence the alarm; so it stands in no message.
 * @param url the check's ping address; undefined = do nothing
 */
export function createPing(url: Secret | undefined, fetch: typeof globalThis.fetch): Ping {
  if (url === undefined) return () => Promise.resolve(false);
  return async (signal, runId, body) => {
    const address = new URL(url.reveal());
    const ending = signal === 'success' ? '' : `/${signal}`;
    address.pathname = address.pathname.replace(/\/$/, '') + ending;
    address.searchParams.set('rid', runId);
    let status: number;
    try {
      const answer = await fetch(address, {
        method: 'POST',
        body: body.slice(0, mostCharacters),
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        signal: AbortSignal.timeout(timeout),
      });
      status = answer.status;
      await answer.body?.cancel();
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown error';
      throw new BackupError('PING_FAILED', `Healthchecks.io could not be told "${signal}" (${name}).`);
    }
    if (status >= 300) {
      throw new BackupError('PING_FAILED', `Healthchecks.io answered ${status} to "${signal}".`);
    }
    return true;
  };
}
