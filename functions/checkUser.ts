import { checkUser as act } from '../lib/run/check/check-user.ts';
import { step } from '../lib/step.ts';

/** A member's items, compared with the archive. */
export const checkUser = step('checkUser', act);
