import { constants } from 'node:os';

/** Exit status of who was ended by Ctrl-C, as shells have it. */
export const interrupted = 130;

/** Signals by which people and systems end a command. SIGHUP: the terminal was closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * From now on the first of these signals ends the work in order, and a second one the process at once.
 * @param parts.end ends the work; the process goes on until that is done
 * @param parts.leave leaves the terminal as it was, before the process ends at once
 * @returns gives the signals back
 */
export function onInterrupt({ end, leave }: { end: () => void; leave: () => void }): () => void {
  let isEnding = false;
  const hear = (signal: NodeJS.Signals) => {
    if (isEnding) {
      leave();
      process.exit(128 + constants.signals[signal]);
    }
    isEnding = true;
    end();
  };
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}
