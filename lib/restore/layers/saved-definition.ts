import type { Portal } from '../../arcgis/portal.ts';
import type { Archive } from '../../archive/archive.ts';
import { jsonIn } from '../../backup/json.ts';
import type { Item } from '../../backup/item.ts';
import { isCode } from '../../errors.ts';
import { bytesOf, type Version } from '../version.ts';
import { definitionIn, type ServiceDefinition } from './definition/service-definition.ts';

/** The definition of the service that a version is; undefined where the archive has none. Throws RESTORE_DAMAGED. */
export async function savedDefinition(archive: Archive, version: Version): Promise<ServiceDefinition | undefined> {
  const part = version.manifest.parts.find(({ role }) => role === 'layers');
  return part && definitionIn(jsonIn((await bytesOf(archive, version, part)).toString()));
}

/** The definition of a living service, as far as the account may read it. Throws HOST_FOREIGN, PORTAL_…. */
export async function livingDefinition(portal: Portal, item: Item): Promise<ServiceDefinition> {
  const optional = async <T>(_what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER', 'ITEM_GONE')) return undefined;
      throw error;
    }
  };
  const found = definitionIn(await portal.definition(item, optional));
  return found ?? { service: {}, layers: [], isView: false, sources: [], contingentValues: {} };
}
