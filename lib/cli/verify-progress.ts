import { SingleBar } from 'cli-progress';
import { readable } from '../backup/report.ts';
import type { Paced } from '../upkeep/verify/pace.ts';
import type { Terminal } from './progress.ts';

/** Shows what a verification does while it goes on. */
export interface VerifyBar {
  show: (now: Paced) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** A bar on a terminal, nothing in a pipe. */
export function createVerifyProgress(stream: Terminal): VerifyBar {
  if (stream.isTTY !== true) return { show: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    stream,
    format: '{phase} [{bar}] {text}',
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let isShown = false;
  const show = (now: Paced) => {
    const shown = { phase: now.phase, text: paceText(now) };
    if (isShown) {
      bar.setTotal(now.total);
      bar.update(Math.min(now.done, now.total), shown);
    } else bar.start(now.total, now.done, shown);
    isShown = true;
  };
  return { show, stop: () => bar.stop() };
}

/** How far, how fast and how long still, for people. */
export function paceText({ done, total, unit, perSecond, secondsLeft }: Paced): string {
  const amount = (many: number) => (unit === 'bytes' ? readable(many) : `${many}`);
  const far = `${amount(done)} of ${amount(total)}${unit === 'bytes' ? '' : ` ${unit}`}`;
  if (perSecond === null || secondsLeft === null) return far;
  return `${far}, ${amount(perSecond)}/s, ${timeText(secondsLeft)} left`;
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
