import type { AspectName } from './words.ts';

/** Hears how far a restore is. */
export type Tell = (what: {
  phase: 'before' | 'making' | 'filling';
  done: number;
  total: number;
  title: string;
}) => void;

/** Where a part of a restore has stopped: at which item of its order, and behind which aspect of it. */
export interface Place {
  pass: 'before' | 'making' | 'filling' | 'closing';
  n: number;
  after?: AspectName;
}

/** Where every restore begins. */
export const beginning: Place = { pass: 'before', n: 0 };

/** How much of a restore is done at once. */
export interface Part {
  from: Place;
  /** is it time to let the next part go on? Asked between two things */
  isOver: () => boolean;
  tell: Tell;
}
