import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { FailInput, RunEnd } from '../lib/backup/messages.ts';

/** Writes the record of a run that failed, and pings. */
export const failBackup = activity('failBackup', (input: FailInput, context): Promise<RunEnd> =>
  app().fail(input, context),
);
