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

/** How long something will take still, in words: `40 s`, `12 min`, `3 h 20 min`. @param seconds undefined = nobody knows */
export function timeLeft(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
