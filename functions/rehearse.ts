import { rehearse as act } from '../lib/dry-run/rehearse.ts';
import { step } from '../lib/step.ts';

/** Checks what a run would do, and leaves the answer for whoever asked. It may take the hour that a function may take. */
export const rehearse = step('rehearse', act);
