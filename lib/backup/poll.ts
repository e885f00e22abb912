/**
 * How long to wait before asking for an export again, ms: soon at first, since most are small, then rarely, so that an
 * hour of waiting stays below 150 questions.
 * @param polls how often it was asked before
 */
export function pollDelay(polls: number): number {
  return Math.min(2000 * 1.5 ** Math.min(polls, 20), 30_000);
}
