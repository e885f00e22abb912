import { failBackup as act } from '../lib/run/finish/fail-backup.ts';
import { step } from '../lib/step.ts';

/** Writes the record of a run that failed, and pings. */
export const failBackup = step('failBackup', act);
