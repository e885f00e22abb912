import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { BeginAnswer, RunInput } from '../lib/backup/messages.ts';

/** Ping, store, sign-in, members: what every run begins with. */
export const beginRun = activity('beginRun', (input: RunInput, context): Promise<BeginAnswer> =>
  app().begin(input, context),
);
