import type { Item } from '../../backup/item.ts';
import { unrewrittenDifferences } from '../references/unrewritten.ts';
import type { AspectName } from '../words.ts';
import type { Aspect, Found, Target } from './aspect.ts';
import { data } from './data.ts';
import { definition } from './definition.ts';
import { info, metadata, thumbnail } from './files.ts';
import { folder, protection, sharing, status } from './places.ts';
import { record } from './record.ts';
import { relations } from './relations.ts';
import { resources } from './resources.ts';
import { settings } from './settings.ts';

/** All that is put back of an item, in the order in which that is safe (restore.md 6.2). */
export const aspects: readonly Aspect[] = [
  definition,
  data,
  resources,
  info,
  thumbnail,
  metadata,
  record,
  status,
  settings,
  folder,
  sharing,
  relations,
  protection,
];

/** Where a living item is not as its version says; nothing is changed. @param only what is compared */
export async function differencesOf(target: Target, item: Item, only: ReadonlySet<AspectName>): Promise<Found[]> {
  const found: Found[] = [];
  for (const aspect of aspects) if (only.has(aspect.name)) found.push(...(await aspect.compare(target, item)));
  return [...found, ...(await unrewrittenDifferences(target, only))];
}
