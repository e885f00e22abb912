import { z } from 'zod';
import type { LayerDates, ServiceDates } from '../../backup/stamp.ts';
import type { Item } from '../../backup/item.ts';
import type { Client } from '../connection/client.ts';
import { infosOf, layerId, type LayerInfo } from './layer-info.ts';
import { BrokenLayer, listLayers } from './layer-list.ts';
import { serviceAddress } from './service.ts';

const date = z.number().nullish().catch(null);
const layer = z.looseObject({
  id: layerId,
  serviceItemId: z.string().nullish().catch(null),
  editingInfo: z
    .looseObject({ lastEditDate: date, schemaLastEditDate: date, dataLastEditDate: date })
    .nullish()
    .catch(null),
});

/** Edit dates, and the layers and tables whose rows are edited without one. */
export interface DatedService extends ServiceDates {
  undated: readonly LayerInfo[];
}

/**
 * The edit dates of all layers and tables of a hosted service, in one request: the service itself does not tell them. A layer
 * that it does not describe has none. Its address is written by a member, so only the portal's own servers are asked. Throws
 * HOST_FOREIGN, and as `listLayers`.
 * https://developers.arcgis.com/rest/services-reference/enterprise/all-layers-and-tables/
 */
export async function readDates(client: Client, item: Item): Promise<DatedService> {
  const what = `The layers of ${item.id}`;
  const list = await listLayers(client, await serviceAddress(client, item), what);
  const infos = infosOf(list, what).filter((each): each is LayerInfo => !(each instanceof BrokenLayer));
  // Only this is kept: the definitions of many layers take megabytes.
  return {
    layers: list.layers.map(datesOf),
    tables: list.tables.map(datesOf),
    undated: infos.filter(({ isDated }) => !isDated),
  };
}

function datesOf(given: unknown): LayerDates {
  const found = given instanceof BrokenLayer ? undefined : layer.safeParse(given).data;
  if (found === undefined) return { id: -1, editingInfo: null };
  const { id, editingInfo, serviceItemId } = found;
  return { id, editingInfo: editingInfo ?? null, serviceItemId: serviceItemId ?? null };
}
