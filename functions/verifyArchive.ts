import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { RunStep } from '../lib/backup/messages.ts';

/** Reads the archive, says what is damaged, pings. The one activity that may take the hour a function may take. */
export const verifyArchive = activity('verifyArchive', (input: RunStep, context) =>
  app().verifyArchive(input, context),
);
