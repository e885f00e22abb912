import type { Clock } from '../../clock.ts';
import { roleOfBasic, type Keys, type Role } from './keys.ts';

/** Who may come in. */
export interface GateParts {
  clock: Clock;
  /** the keys as they are now */
  keys: () => Promise<Keys>;
  /** on the loopback address of a laptop whoever reaches it may read */
  isOpen: boolean;
}

/** What becomes of a request: it may pass, or is answered with this status. */
export type Admission = { role: Exclude<Role, 'none'> } | { status: 401 | 404 | 429; isGuess: boolean };

/** Wrong keys of a minute that are told so; who tries more is sent away at once. */
const mostGuesses = 10;
const minute = 60_000;
/** ms that a wrong key waits for its answer */
const delay = 1000;

/**
 * Lets in who has a key, by Basic authentication. Without a key in the settings there is nothing here. A wrong key waits, and
 * many of them are refused without a look; the right one always opens, so that nobody can lock others out.
 */
export function openGate({ clock, keys, isOpen }: GateParts): (authorization: string | null) => Promise<Admission> {
  let guesses: number[] = [];
  return async (authorization) => {
    if (isOpen) return { role: 'reader' };
    const set = await keys();
    if (isUnset(set.reader) && isUnset(set.operator)) return { status: 404, isGuess: false };
    // git asks without first, always.
    if (authorization === null) return { status: 401, isGuess: false };
    const role = roleOfBasic(set, authorization);
    if (role !== 'none') return { role };
    const now = clock.now();
    guesses = guesses.filter((at) => at > now - minute);
    if (guesses.length >= mostGuesses) return { status: 429, isGuess: true };
    guesses.push(now);
    await clock.sleep(delay);
    return { status: 401, isGuess: true };
  };
}

function isUnset(key: Keys['reader']): boolean {
  return key === undefined || key.reveal() === '';
}
