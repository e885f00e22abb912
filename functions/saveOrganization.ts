import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { RunStep } from '../lib/backup/messages.ts';

/** Reads what the organization itself is: description, members, roles, groups. */
export const saveOrganization = activity('saveOrganization', (input: RunStep): Promise<null> =>
  app().saveOrganization(input),
);
