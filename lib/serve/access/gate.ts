import type { Clock } from '../../clock.ts';
import { slowGuesses } from './guesses.ts';
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

/**
 * Lets in who has a key, by Basic authentication. Without a key in the settings there is nothing here. A wrong key waits, and
 * many of them are refused without a look; the right one always opens, so that nobody can lock others out.
 */
export function openGate({ clock, keys, isOpen }: GateParts): (authorization: string | null) => Promise<Admission> {
  const slow = slowGuesses(clock);
  return async (authorization) => {
    if (isOpen) return { role: 'reader' };
    const set = await keys();
    if (isUnset(set.reader) && isUnset(set.operator)) return { status: 404, isGuess: false };
    // git asks without first, always.
    if (authorization === null) return { status: 401, isGuess: false };
    const role = roleOfBasic(set, authorization);
    if (role !== 'none') return { role };
    return { status: await slow(), isGuess: true };
  };
}

function isUnset(key: Keys['reader']): boolean {
  return key === undefined || key.reveal() === '';
}
