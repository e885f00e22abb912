import { saveItem as act } from '../lib/run/save/save-item.ts';
import { step } from '../lib/step.ts';

/** Downloads an item and stages it. */
export const saveItem = step('saveItem', act);
