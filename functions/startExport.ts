import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { ExportInput, ExportStarted } from '../lib/backup/messages.ts';

/** Starts the temporary export of a hosted feature layer. */
export const startExport = activity('startExport', (input: ExportInput, context): Promise<ExportStarted> =>
  app().startExport(input, context),
);
