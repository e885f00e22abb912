import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { FinishInput, RunEnd } from '../lib/backup/messages.ts';

/** Prunes, commits, publishes, writes the run record, pings. */
export const finishBackup = activity('finishBackup', (input: FinishInput, context): Promise<RunEnd> =>
  app().finish(input, context),
);
