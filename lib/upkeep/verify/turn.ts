import type { Clock } from '../../clock.ts';

/** What a verification is doing, and how far it is. */
export interface VerifyProgress {
  phase: 'packs' | 'large files' | 'history' | 'items' | 'index';
  /** of `total`; bytes of packs and large files, objects of the history, members of the items, segments of the index */
  done: number;
  /** an estimate, of the history the most there may be */
  total: number;
  unit: 'bytes' | 'objects' | 'members' | 'segments';
}

/** One part of a verification: it stops when its time is over, and another goes on. */
export interface Turn {
  /** Asked after each thing that takes a while, so that every part does something: is it time to stop? */
  isOver: () => boolean;
  /** Hears how far the verification is. */
  tell: (progress: VerifyProgress) => void;
}

/** A verification that nobody waits for, and that ends when it is done. */
export const endless: Turn = { isOver: () => false, tell: () => undefined };

/** ms after which a part hands over to the next: much less than the hour that a function has. */
const longest = 300_000;

/** A part of five minutes. @param signal ends it before */
export function turnOf(clock: Clock, tell: Turn['tell'], signal?: AbortSignal): Turn {
  const begun = clock.now();
  return { isOver: () => signal?.aborted === true || clock.now() - begun >= longest, tell };
}
