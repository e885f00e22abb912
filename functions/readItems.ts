import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { ItemPage, LanePage } from '../lib/backup/messages.ts';

/** One page of a lane of items. */
export const readItems = activity('readItems', (input: LanePage): Promise<ItemPage> => app().readItems(input));
