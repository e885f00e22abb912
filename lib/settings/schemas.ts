import { Cron } from 'croner';
import { z } from 'zod';
import { readStoreAddress } from '../storage/address.ts';

/** What the values of settings may be; the error says what is wrong with one. */

/** Anything. */
export const text = z.string();
/** A whole number within bounds. */
export const count = (least: number, most: number) => number(least, most, true);

/** A number within bounds. */
export function number(least: number, most: number, whole = false): z.ZodType<string> {
  const kind = whole ? 'a whole number' : 'a number';
  return text.refine(
    (value) => {
      const parsed = Number(value);
      return value.trim() !== '' && parsed >= least && parsed <= most && (!whole || Number.isInteger(parsed));
    },
    { error: (issue) => `is "${String(issue.input)}", not ${kind} from ${least} to ${most}` },
  );
}

function parsed(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}

/** User or password inside an address: it would stand in log lines, and no message may repeat it. */
function hasUser({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

/** An address that is refused, for the message: without what may be secret in it. */
function shown(value: unknown): string {
  const text = String(value);
  return /[@?#]/.test(text) ? 'holds more than an address' : `is "${text}"`;
}

/** A password over plain http would be read by anyone on the way; only this machine itself is spared. */
function isSafe(url: URL): boolean {
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return !hasUser(url) && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback));
}

/** The root of a portal. */
export const portal = text.refine(
  (value) => {
    const url = parsed(value);
    return url !== undefined && isSafe(url) && url.search === '' && url.hash === '';
  },
  { error: (issue) => `${shown(issue.input)}, not the https address of a portal` },
);

/** Where an archive may lie. */
export const store = text.refine((value) => readStoreAddress(value) !== undefined, {
  error: 'is neither file:PATH nor the address of a container',
});

/** The address of a key vault, or nothing. */
export const vault = text.refine(
  (value) => {
    const url = parsed(value);
    return value === '' || (url?.protocol === 'https:' && !hasUser(url) && url.search === '' && url.hash === '');
  },
  { error: (issue) => `${shown(issue.input)}, not the https address of a key vault` },
);

/** NCRONTAB of six fields. */
export const schedule = text.refine(
  (value) => {
    if (value.trim().split(/\s+/).length !== 6) return false;
    try {
      new Cron(value, { paused: true, mode: '6-part', timezone: 'UTC' });
      return true;
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError || error instanceof Error) return false;
      throw error;
    }
  },
  { error: (issue) => `is "${String(issue.input)}", not an NCRONTAB expression of six fields` },
);
