import { saveItems as act } from '../lib/run/save/save-items.ts';
import { step } from '../lib/step.ts';

/** Downloads several items, one after the other, and stages each. */
export const saveItems = step('saveItems', act);
