import { planRun as act } from '../lib/run/plan/plan-run.ts';
import { step } from '../lib/step.ts';

/** Deals all that changed out to lanes. */
export const planRun = step('planRun', act);
