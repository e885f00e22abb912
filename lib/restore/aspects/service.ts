import { isHosted } from '../../backup/formats.ts';
import type { Item } from '../../backup/item.ts';
import type { ServiceDefinition } from '../layers/definition/service-definition.ts';
import { savedDefinition } from '../layers/saved-definition.ts';
import type { Target } from './aspect.ts';

/** How the version says that a hosted service is defined; undefined of what is none. Throws RESTORE_DAMAGED. */
export async function savedOf({ archive, version }: Target, item: Item): Promise<ServiceDefinition | undefined> {
  return isHosted(item) ? savedDefinition(archive, version) : undefined;
}
