import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { ExportingInput } from '../lib/backup/messages.ts';

/** Deletes a temporary export for good. */
export const deleteExport = activity('deleteExport', (input: ExportingInput): Promise<null> =>
  app().deleteExport(input),
);
