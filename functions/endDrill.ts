import { endDrill as act } from '../lib/restore/drill/drill.ts';
import { restoreStep } from '../lib/step.ts';

/** Writes down how a drill ended, and pings. */
export const endDrill = restoreStep('endDrill', act);
