import { failRestore as act } from '../lib/restore/run-restore.ts';
import { restoreStep } from '../lib/step.ts';

/** Says why a restore came to no end, and lets others run. */
export const failRestore = restoreStep('failRestore', act);
