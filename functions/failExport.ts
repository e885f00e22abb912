import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { ExportFailure, ItemResult } from '../lib/backup/messages.ts';

/** Writes down that an export came to nothing. */
export const failExport = activity('failExport', (input: ExportFailure, context): Promise<ItemResult> =>
  app().failExport(input, context),
);
