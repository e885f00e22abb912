import { acceptChecks as act } from '../lib/run/check/accept-checks.ts';
import { step } from '../lib/step.ts';

/** Keeps which checks of members count: those whose answer reached the lane. */
export const acceptChecks = step('acceptChecks', act);
