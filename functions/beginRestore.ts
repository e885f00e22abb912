import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { RunStep } from '../lib/backup/run.ts';

/** Looks once more at a plan of many items that is to start, and begins its journal if it fits still. It may take as long as planning did. */
export const beginRestore = activity('beginRestore', (input: RunStep) => app().restoreRuns.beginPlan(input));
