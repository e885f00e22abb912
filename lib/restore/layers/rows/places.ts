import type { HostedTable } from '../../../arcgis/layers/hosted-service.ts';
import type { SourceLayer } from './source.ts';

/** Of rows that do not keep their global ids: the object ids at the places of the version's, for what was loaded has its place. */
export async function placesOf(table: HostedTable, layer: SourceLayer): Promise<Map<number, number>> {
  const places = new Map<number, number>();
  if (!table.info.hasAttachments && !layer.info.hasAttachments) return places;
  const ids = await table.objectIds();
  let place = 0;
  for await (const page of layer.pages())
    for (const { objectId } of page) {
      const now = ids[place++];
      if (now !== undefined) places.set(objectId, now);
    }
  return places;
}
