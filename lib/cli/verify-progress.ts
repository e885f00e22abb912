import { readable } from '../backup/words.ts';
import type { Clock } from '../clock.ts';
import type { Paced } from '../upkeep/verify/pace.ts';
import { openBar, type Terminal } from './bar.ts';
import { span } from './minutes.ts';

/** Shows what a verification does while it goes on. */
export interface VerifyShown {
  show: (now: Paced) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** A bar on a terminal, a line a minute in a pipe. */
export function showVerify(stream: Terminal, clock: Clock): VerifyShown {
  let last: Paced | undefined;
  const { show, stop } = openBar(stream, clock, '{phase} [{bar}] {text}', () => {
    if (last === undefined) return { done: 0, total: 0, words: { phase: 'packs', text: '' }, line: undefined };
    const { done, total, phase } = last;
    const text = paceText(last);
    return { done: Math.min(done, total), total, words: { phase, text }, line: `${phase}: ${text}` };
  });
  return {
    show: (now) => {
      last = now;
      show();
    },
    stop,
  };
}

/** How far, how fast and how long still, for people. */
export function paceText({ done, total, unit, perSecond, secondsLeft }: Paced): string {
  const amount = (many: number) => (unit === 'bytes' ? readable(many) : `${many}`);
  const far = `${amount(done)} of ${amount(total)}${unit === 'bytes' ? '' : ` ${unit}`}`;
  return perSecond === null || secondsLeft === null ? far : `${far}, ${amount(perSecond)}/s, ${span(secondsLeft)} left`;
}
