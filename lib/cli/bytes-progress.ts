import { readable } from '../backup/words.ts';
import type { Clock } from '../clock.ts';
import { openBar, type Terminal } from './bar.ts';
import { span } from './minutes.ts';

/** Shows how bytes come over. */
export interface BytesProgress {
  /** how many there are, once that is known */
  expect: (bytes: number) => void;
  /** so many more came over; less than none where something begins anew */
  tell: (bytes: number) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** A bar on a terminal, a line a minute in a pipe. @param what is done with them: `copied` */
export function showBytes(stream: Terminal, clock: Clock, what: string): BytesProgress {
  const began = clock.now();
  let [done, total] = [0, 0];
  const { show, stop } = openBar(stream, clock, '[{bar}] {text}', () => {
    const text = `${farText(done, total, what)}${rateText(done, total, (clock.now() - began) / 1000)}`;
    return { done, total, words: { text }, line: text };
  });
  return {
    expect: (bytes) => {
      [done, total] = [0, bytes];
      show();
    },
    tell: (bytes) => {
      done += bytes;
      show();
    },
    stop,
  };
}

function farText(done: number, total: number, what: string): string {
  return total > 0 ? `${readable(done)} of ${readable(total)} ${what}` : `${readable(done)} ${what}`;
}

/** How fast, and how long still. */
function rateText(done: number, total: number, seconds: number): string {
  const rate = seconds > 0 ? done / seconds : 0;
  if (rate <= 0) return '';
  const left = total > done ? `, ${span((total - done) / rate)} left` : '';
  return `, ${readable(Math.round(rate))}/s${left}`;
}
