import { finishBackup as act } from '../lib/run/finish/finish-backup.ts';
import { step } from '../lib/step.ts';

/** Prunes, commits, publishes, writes the run record, pings. */
export const finishBackup = step('finishBackup', act);
