import type { Aspect } from './aspect.ts';
import { data } from './data.ts';
import { info, metadata, thumbnail } from './files.ts';
import { folder, protection, sharing } from './places.ts';
import { record } from './record.ts';
import { resources } from './resources.ts';

/** All that is put back of an item, in the order in which that is safe (restore.md 6.2). */
export const aspects: readonly Aspect[] = [
  data,
  resources,
  info,
  thumbnail,
  metadata,
  record,
  folder,
  sharing,
  protection,
];
