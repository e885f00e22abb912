import { readItems as act } from '../lib/run/save/read-items.ts';
import { step } from '../lib/step.ts';

/** One page of a lane of items. */
export const readItems = step('readItems', act);
