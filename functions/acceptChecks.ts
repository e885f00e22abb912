import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { AcceptInput } from '../lib/backup/messages.ts';

/** Keeps which checks of members count: those whose answer reached the lane. */
export const acceptChecks = activity('acceptChecks', (input: AcceptInput): Promise<null> => app().acceptChecks(input));
