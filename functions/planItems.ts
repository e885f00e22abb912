import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { RunStep } from '../lib/backup/run.ts';

/** Makes a plan that takes longer than a request may. It may take the hour that a function may take, and changes nothing. */
export const planItems = activity('planItems', (input: RunStep) => app().restoreRuns.makePlan(input));
