import { tidyDrill as act } from '../lib/restore/drill/drill.ts';
import { restoreStep } from '../lib/step.ts';

/** Begins what deletes the copies of a drill. */
export const tidyDrill = restoreStep('tidyDrill', act);
