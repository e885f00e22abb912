import { readMembers as act } from '../lib/run/check/read-members.ts';
import { step } from '../lib/step.ts';

/** One page of a lane of members. */
export const readMembers = step('readMembers', act);
