import type { Clock } from '../clock.ts';

/** ms for which an answer counts. Anybody may ask without a key, and a question costs a request to the store. */
const validity = 10_000;

/**
 * Is the store there? Asks at most once in ten seconds, however many want to know.
 * @param ask rejects when it is not
 * @returns a function whose argument hears of each failure once
 */
export function createHealth(
  clock: Clock,
  ask: () => Promise<unknown>,
): (failed: (error: unknown) => void) => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  let answered: number | undefined;
  const isFresh = (at: number) => clock.now() >= at && clock.now() < at + validity;
  return (failed) => {
    if (asked !== undefined && (answered === undefined || isFresh(answered))) return asked;
    answered = undefined;
    asked = ask().then(
      () => true,
      (error: unknown) => {
        failed(error);
        return false;
      },
    );
    void asked.finally(() => (answered = clock.now()));
    return asked;
  };
}
