import type { Clock } from '../clock.ts';
import type { LogEvent } from '../monitor/log.ts';
import { openBar, type Terminal } from './bar.ts';
import { Tally, type AtWork } from './tally.ts';

/** Shows what a run does while it runs. */
export interface Progress {
  hear: (line: string, event: LogEvent) => void;
  /** hears which item is begun */
  work: (item: AtWork) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** A bar on a terminal, a line a minute in a pipe; with `lines`, the log lines themselves. */
export function createProgress(stream: Terminal, mode: 'auto' | 'lines', clock: Clock): Progress {
  if (mode === 'lines') {
    const hear = (line: string) => void stream.write(`${line}\n`);
    return { hear, work: () => undefined, stop: () => undefined };
  }
  const tally = new Tally(clock);
  const { show, stop } = openBar(stream, clock, '{phase} [{bar}] {value}/{total} {note}', () => {
    const { done, total, phase, notes, line } = tally;
    return { done, total, words: { phase, note: notes.join(', ') }, line };
  });
  const hear = (_line: string, event: LogEvent) => {
    tally.hear(event);
    show();
  };
  const work = (item: AtWork) => {
    tally.work(item);
    show();
  };
  return { hear, work, stop };
}
