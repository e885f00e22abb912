import { restoreItems as act } from '../lib/restore/run-restore.ts';
import { restoreStep } from '../lib/step.ts';

/** Saves what is there, makes what is gone, puts back and compares, as the journal of the restore says. */
export const restoreItems = restoreStep('restoreItems', act);
