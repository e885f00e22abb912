import { beginDrill as act } from '../lib/restore/drill/drill.ts';
import { restoreStep } from '../lib/step.ts';

/** Sees what earlier drills left, picks items, and plans their copies. */
export const beginDrill = restoreStep('beginDrill', act);
