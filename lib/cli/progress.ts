import { SingleBar } from 'cli-progress';
import type { Clock } from '../clock.ts';
import type { LogEvent } from '../monitor/log.ts';
import { everyMinute, moment } from './minutes.ts';
import { Tally, type AtWork } from './tally.ts';

/** Shows what a run does while it runs. */
export interface Progress {
  hear: (line: string, event: LogEvent) => void;
  /** hears which item is begun */
  work: (item: AtWork) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** Where the progress goes. */
export interface Terminal extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/** A bar on a terminal, a line a minute in a pipe; with `lines`, the log lines themselves. */
export function createProgress(stream: Terminal, mode: 'auto' | 'lines', clock: Clock): Progress {
  if (mode === 'lines') {
    const hear = (line: string) => void stream.write(`${line}\n`);
    return { hear, work: () => undefined, stop: () => undefined };
  }
  return stream.isTTY === true ? createBar(stream, clock) : createLines(stream, clock);
}

function createLines(stream: Terminal, clock: Clock): Progress {
  const tally = new Tally(clock);
  const stop = everyMinute(clock, () => void stream.write(`${moment(clock.now())}  ${tally.line}\n`));
  return { hear: (_line, event) => tally.hear(event), work: (item) => tally.work(item), stop };
}

function createBar(stream: Terminal, clock: Clock): Progress {
  const tally = new Tally(clock);
  const bar = new SingleBar({
    stream,
    format: '{phase} [{bar}] {value}/{total} {note}',
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let isStopped = false;
  let { phase } = tally;
  bar.start(0, 0, { phase, note: '' });
  const show = () => {
    // What is heard late would begin the bar again, and its timer would keep the process alive.
    if (isStopped) return;
    const note = tally.notes.join(', ');
    if (phase !== tally.phase) bar.start(tally.total, tally.done, { phase: (phase = tally.phase), note });
    bar.setTotal(tally.total);
    bar.update(tally.done, { note });
  };
  const hear = (_line: string, event: LogEvent) => {
    tally.hear(event);
    show();
  };
  const work = (item: AtWork) => {
    tally.work(item);
    show();
  };
  const stop = () => {
    isStopped = true;
    bar.stop();
  };
  return { hear, work, stop };
}
