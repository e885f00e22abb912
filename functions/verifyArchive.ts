import { step } from '../lib/step.ts';
import { verifyArchive as act } from '../lib/upkeep/verify/weekly.ts';

/** Reads the archive for five minutes, going on where the part before has stopped; at the end it says what is damaged, and pings. */
export const verifyArchive = step('verifyArchive', act);
