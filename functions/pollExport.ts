import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { Polled, PollInput } from '../lib/backup/messages.ts';

/** Asks how an export is doing. */
export const pollExport = activity('pollExport', (input: PollInput, context): Promise<Polled> =>
  app().pollExport(input, context),
);
