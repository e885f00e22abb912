import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { CheckInput, Checked } from '../lib/backup/messages.ts';

/** A member's items, compared with the archive. */
export const checkUser = activity('checkUser', (input: CheckInput, context): Promise<Checked> =>
  app().check(input, context),
);
