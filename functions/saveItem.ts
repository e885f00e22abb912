import { activity } from '../lib/activity.ts';
import { app } from '../lib/app.ts';
import type { ItemResult, SaveInput, Unproven } from '../lib/backup/messages.ts';

/** Downloads an item and stages it. */
export const saveItem = activity('saveItem', (input: SaveInput, context): Promise<ItemResult | Unproven> =>
  app().save(input, context),
);
