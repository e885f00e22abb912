import type { Clock } from '../clock.ts';

/** Milliseconds. */
const minute = 60_000;

/** Says something once a minute, for who reads a log. @returns ends it; may be called twice */
export function everyMinute(clock: Clock, say: () => void): () => void {
  const ending = new AbortController();
  const stopped = new Error('Nobody is to hear more.');
  const go = async () => {
    for (;;) {
      await clock.sleep(minute, ending.signal);
      say();
    }
  };
  go().catch((error: unknown) => {
    if (error !== stopped) throw error;
  });
  return () => {
    ending.abort(stopped);
  };
}

/** A length of time in words: `40 s`, `12 min`, `7 h`, `3 h 20 min`, `6 days`. */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  if (minutes >= 48 * 60) return `${Math.round(minutes / 1440)} days`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
