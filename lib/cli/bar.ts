import { SingleBar } from 'cli-progress';
import type { Clock } from '../clock.ts';
import { everyMinute } from './minutes.ts';
import { momentText } from '../backup/words.ts';

/** Where progress goes. */
export interface Terminal extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/** How far something is. */
export interface Far {
  done: number;
  total: number;
  /** what the bar says, by the names of its format */
  words: Record<string, string>;
  /** the same for a log; undefined while there is nothing to say */
  line: string | undefined;
}

/** What shows how far something is. */
export interface Bar {
  /** something has come of it */
  show: () => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** A bar on a terminal, a line a minute in a pipe. @param format such as `{phase} [{bar}] {note}` */
export function openBar(terminal: Terminal, clock: Clock, format: string, far: () => Far): Bar {
  if (terminal.isTTY === true) return drawBar(terminal, format, far);
  const say = () => {
    const { line } = far();
    if (line !== undefined) terminal.write(`${momentText(clock.now())}  ${line}\n`);
  };
  return { show: () => undefined, stop: everyMinute(clock, say) };
}

function drawBar(stream: Terminal, format: string, far: () => Far): Bar {
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true, barsize: 24 });
  bar.start(0, 0, far().words);
  let isStopped = false;
  const show = () => {
    // What is heard late would begin the bar again, and its timer would keep the process alive.
    if (isStopped) return;
    const { done, total, words } = far();
    bar.setTotal(total);
    bar.update(done, words);
  };
  const stop = () => {
    isStopped = true;
    bar.stop();
  };
  return { show, stop };
}
