import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { PlanInput, Planned } from '../lib/backup/messages.ts';

/** Deals all that changed out to lanes. */
export const planRun = activity('planRun', (input: PlanInput, context): Promise<Planned> => app().plan(input, context));
