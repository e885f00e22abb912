import { SingleBar } from 'cli-progress';
import { oneLine, readable } from '../backup/report.ts';
import type { LogEvent } from '../monitor/log.ts';

/** Shows what a run does while it runs. */
export interface Progress {
  hear: (line: string, event: LogEvent) => void;
  /** Leaves the terminal as it was; may be called twice. */
  stop: () => void;
}

/** Where the progress goes. */
export interface Terminal extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/**
 * A bar on a terminal, nothing in a pipe; with `lines`, the log lines themselves.
 * Only counts, ids and usernames are shown: a title could carry terminal sequences.
 */
export function createProgress(stream: Terminal, mode: 'auto' | 'lines'): Progress {
  if (mode === 'lines') return { hear: (line) => void stream.write(`${line}\n`), stop: () => undefined };
  if (stream.isTTY !== true) return { hear: () => undefined, stop: () => undefined };
  return createBar(stream);
}

function createBar(stream: Terminal): Progress {
  const bar = new SingleBar({
    stream,
    format: '{phase} [{bar}] {value}/{total} {bytes} {note}',
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let bytes = 0;
  let found = 0;
  let isStopped = false;
  const exporting = new Set<string>();
  bar.start(0, 0, { phase: 'members', bytes: '', note: '' });
  const show = () => {
    const note = exporting.size === 0 ? '' : `exporting ${oneLine([...exporting].slice(0, 3).join(', '))}`;
    bar.update({ bytes: readable(bytes), note });
  };
  const hear = (_line: string, event: LogEvent) => {
    // What is heard late would begin the bar again, and its timer would keep the process alive.
    if (isStopped) return;
    if (event.event === 'run.started') bar.setTotal(event.count ?? 0);
    if (event.event === 'members.listed') bar.setTotal(event.count ?? 0);
    if (event.event === 'user.checked') {
      found += event.count ?? 0;
      bar.increment(1);
    }
    if (event.event === 'items.planned') bar.start(event.count ?? found, 0, { phase: 'items', bytes: '', note: '' });
    if (event.event === 'export.waiting' && event.itemId !== undefined) exporting.add(event.itemId);
    if (event.event === 'item.saved' || event.event === 'item.failed') {
      bytes += event.bytes ?? 0;
      exporting.delete(event.itemId ?? '');
      bar.increment(1);
    }
    show();
  };
  const stop = () => {
    isStopped = true;
    bar.stop();
  };
  return { hear, stop };
}
