import { serviceNameIn } from '../../arcgis/layers/service-name.ts';
import type { Item } from '../../backup/item.ts';
import { isHosted } from '../../backup/formats.ts';
import { findMade, type Making } from '../create.ts';
import { livingDefinition } from './saved-definition.ts';

/** In the description of a service until everything is in it: not every portal gives keywords to what it makes. */
export function descriptionMark(mark: string): string {
  return `restore-${mark}`;
}

/**
 * The service that this restore has made, though it may not have heard of it: what bears its marks; else what has a name that it asked
 * for and says in its description that it is ours, or says and holds nothing and was not there before.
 * @param isNew was it not there before?
 */
export async function findService(
  making: Making,
  names: readonly string[],
  isNew: (item: Item) => boolean,
): Promise<Item | undefined> {
  const { restorer, account, mark } = making;
  const marked = await findMade(making);
  if (marked !== undefined) return marked;
  for (const item of await named(making, names)) {
    const { service, layers } = await livingDefinition(restorer.portal, item);
    const said = service['serviceDescription'] ?? '';
    const isOurs = said === descriptionMark(mark) || (said === '' && layers.length === 0 && isNew(item));
    if (isOurs && item.owner === account) return item;
  }
  return undefined;
}

/** The account's own newest services of these names. */
export async function named(
  { restorer, account }: Pick<Making, 'restorer' | 'account'>,
  names: readonly string[],
): Promise<Item[]> {
  const items = await restorer.portal.newest(account);
  return items.filter((item) => isHosted(item) && names.includes(serviceNameIn(item.url) ?? ''));
}
