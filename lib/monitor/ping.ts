import { BackupError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** What Healthchecks.io is told; `log` leaves the check as it is. https://healthchecks.io/docs/http_api/ */
export type Signal = 'start' | 'success' | 'fail' | 'log';

/** Tells the outside world; false when there is nobody to tell. Throws PING_FAILED, which must not fail a run. */
export type Ping = (signal: Signal, runId: string, body: string) => Promise<boolean>;

/** Healthchecks.io keeps the first 100 kB of a body. */
const mostBytes = 100_000;

/**
 * Pings a check. Its address is a secret: who knows it can silence the alarm; so it stands in no message.
 * @param url the check's ping address; undefined = do nothing
 * @param patience ms until an answer must be there
 */
export function createPing(url: Secret | undefined, fetch: typeof globalThis.fetch, patience = 10_000): Ping {
  if (url === undefined) return () => Promise.resolve(false);
  return async (signal, runId, body) => {
    const address = addressOf(url, signal, runId);
    const { status, text } = await send(signal, async () => {
      const answer = await fetch(address, {
        method: 'POST',
        body: cut(body),
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        signal: AbortSignal.timeout(patience),
      });
      return { status: answer.status, text: await answer.text() };
    });
    if (status >= 300) throw new BackupError('PING_FAILED', `Healthchecks.io answered ${status} to "${signal}".`);
    // A check that does not exist, and one that is pinged too often, are answered with 200 all the same.
    const unheard = /^OK \((not found|rate limited)\)/.exec(text)?.[1];
    if (unheard !== undefined) throw new BackupError('PING_FAILED', `Healthchecks.io ignored "${signal}": ${unheard}.`);
    return true;
  };
}

// The errors of URL and fetch carry the address, so nothing of them goes on but their kind.
function addressOf(url: Secret, signal: Signal, runId: string): URL {
  const address = URL.canParse(url.reveal()) ? new URL(url.reveal()) : undefined;
  // hc-ping.com:443/… parses too, with hc-ping.com: as its scheme. The settings are checked, a secret of the vault is not.
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    const hint = 'Copy the ping address of the check from Healthchecks.io; it begins with https://.';
    throw new BackupError('PING_FAILED', 'The ping address of Healthchecks.io is not an address.', { hint });
  }
  address.pathname = address.pathname.replace(/\/$/, '') + (signal === 'success' ? '' : `/${signal}`);
  address.searchParams.set('rid', runId);
  return address;
}

async function send<T>(signal: Signal, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    throw new BackupError('PING_FAILED', `Healthchecks.io could not be told "${signal}" (${name}).`);
  }
}

/** The beginning of a text, in whole characters. */
function cut(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(mostBytes);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}
