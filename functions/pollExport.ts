import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { ExportStatus, ExportingInput } from '../lib/backup/messages.ts';

/** Asks how an export is doing. */
export const pollExport = activity('pollExport', (input: ExportingInput): Promise<ExportStatus> =>
  app().pollExport(input),
);
