import { step } from '../lib/step.ts';
import { verifyArchive as act } from '../lib/upkeep/verify/weekly.ts';

/** Reads the archive, says what is damaged, pings. The one activity that may take the hour a function may take. */
export const verifyArchive = step('verifyArchive', act);
