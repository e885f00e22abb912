import { SingleBar } from 'cli-progress';
import { readable } from '../backup/report.ts';
import type { Clock } from '../clock.ts';
import { everyMinute, moment, span } from './minutes.ts';
import type { Terminal } from './progress.ts';

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
  let [done, all] = [0, 0];
  const text = () => {
    const seconds = (clock.now() - began) / 1000;
    const rate = seconds > 0 ? done / seconds : 0;
    const left = all > done && rate > 0 ? (all - done) / rate : undefined;
    return [
      all > 0 ? `${readable(done)} of ${readable(all)} ${what}` : `${readable(done)} ${what}`,
      ...(rate > 0 ? [`${readable(Math.round(rate))}/s`] : []),
      ...(left === undefined ? [] : [`${span(left)} left`]),
    ].join(', ');
  };
  const bar = stream.isTTY === true ? openBar(stream) : undefined;
  const stop = bar
    ? () => bar.stop()
    : everyMinute(clock, () => void stream.write(`${moment(clock.now())}  ${text()}\n`));
  let isStopped = false;
  const show = () => {
    if (isStopped) return;
    bar?.setTotal(all);
    bar?.update(done, { text: text() });
  };
  return {
    expect: (bytes) => {
      all = bytes;
      done = 0;
      show();
    },
    tell: (bytes) => {
      done += bytes;
      show();
    },
    stop: () => {
      isStopped = true;
      stop();
    },
  };
}

function openBar(stream: Terminal): SingleBar {
  const options = { stream, format: '[{bar}] {text}', hideCursor: true, clearOnComplete: true, barsize: 24 };
  const bar = new SingleBar(options);
  bar.start(0, 0, { text: '' });
  return bar;
}
