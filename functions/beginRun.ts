import { beginRun as act } from '../lib/run/begin/begin-run.ts';
import { step } from '../lib/step.ts';

/** Ping, store, sign-in, members: what every run begins with. */
export const beginRun = step('beginRun', act);
