import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { LanePage, MemberPage } from '../lib/backup/messages.ts';

/** One page of a lane of members. */
export const readMembers = activity('readMembers', (input: LanePage): Promise<MemberPage> => app().readMembers(input));
