import type { Clock } from '../../clock.ts';

/** Wrong keys of a minute that are told so; who tries more is sent away at once. */
const mostGuesses = 10;
const minute = 60_000;
/** ms that a wrong key waits for its answer */
const delay = 1000;

/**
 * Slows down who guesses: to be called for each wrong key. 401 once it has waited, 429 at once after many in a minute. A right
 * key is never asked here, so that nobody can lock others out.
 */
export function slowGuesses(clock: Pick<Clock, 'now' | 'sleep'>): () => Promise<401 | 429> {
  let guesses: number[] = [];
  return async () => {
    const now = clock.now();
    guesses = guesses.filter((at) => at > now - minute);
    if (guesses.length >= mostGuesses) return 429;
    guesses.push(now);
    await clock.sleep(delay);
    return 401;
  };
}
