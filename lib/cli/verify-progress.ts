import { SingleBar } from 'cli-progress';
import { readable } from '../backup/report.ts';
import type { Clock } from '../clock.ts';
import type { Paced } from '../upkeep/verify/pace.ts';
import { everyMinute, moment, span } from './minutes.ts';
import type { Terminal } from './progress.ts';

/** Shows what a verification does while it goes on. */
export interface VerifyShown {
  show: (now: Paced) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** A bar on a terminal, a line a minute in a pipe. */
export function showVerify(stream: Terminal, clock: Clock): VerifyShown {
  return stream.isTTY === true ? showBar(stream) : showLines(stream, clock);
}

function showLines(stream: Terminal, clock: Clock): VerifyShown {
  let last: Paced | undefined;
  const say = () => {
    if (last !== undefined) stream.write(`${moment(clock.now())}  ${last.phase}: ${paceText(last)}\n`);
  };
  return { show: (now) => (last = now), stop: everyMinute(clock, say) };
}

function showBar(stream: Terminal): VerifyShown {
  const format = '{phase} [{bar}] {text}';
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true, barsize: 24 });
  bar.start(0, 0, { phase: 'packs', text: '' });
  let isStopped = false;
  const show = (now: Paced) => {
    // What is heard late would begin the bar again, and its timer would keep the process alive.
    if (isStopped) return;
    bar.setTotal(now.total);
    bar.update(Math.min(now.done, now.total), { phase: now.phase, text: paceText(now) });
  };
  const stop = () => {
    isStopped = true;
    bar.stop();
  };
  return { show, stop };
}

/** How far, how fast and how long still, for people. */
export function paceText({ done, total, unit, perSecond, secondsLeft }: Paced): string {
  const amount = (many: number) => (unit === 'bytes' ? readable(many) : `${many}`);
  const far = `${amount(done)} of ${amount(total)}${unit === 'bytes' ? '' : ` ${unit}`}`;
  return perSecond === null || secondsLeft === null ? far : `${far}, ${amount(perSecond)}/s, ${span(secondsLeft)} left`;
}
