import { safeFileName } from '../backup/names.ts';
import type { Item } from '../backup/words.ts';
import { readAttachments } from './attachments.ts';
import type { Client } from './client.ts';
import { csvOf, geoJsonOf } from './feature-files.ts';
import { asker, readIds } from './feature-pages.ts';
import { infosOf } from './layer-info.ts';
import { askService, serviceAddress } from './service.ts';

/** One file made of a layer or a table, or an attachment of a row. */
export interface FeatureFile {
  /** below the item's folder */
  path: string;
  body: AsyncIterable<Uint8Array>;
  /** bytes, where the portal said */
  size?: number;
}

/**
 * Reads a hosted service row by row, without changing anything: a GeoJSON file for each layer, a CSV file for each table,
 * and after each the attachments of its rows. Files must be read one after the other. The same rows give the same bytes.
 * Throws LISTING_INCOMPLETE when rows came or went meanwhile, ITEM_TRUNCATED, HOST_FOREIGN, PORTAL_….
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
 */
export async function* readFeatures(client: Client, item: Item): AsyncGenerator<FeatureFile> {
  const service = await serviceAddress(client, item);
  const what = `The rows of ${item.id}`;
  const answer = await askService(client, { url: `${service}/layers`, what });
  for (const info of infosOf(answer, what)) {
    const url = `${service}/${info.id}`;
    const ask = asker(client, url, `Layer ${info.id} of ${item.id}`);
    const objectIds = await readIds(ask);
    const name = safeFileName(`${info.id} ${info.name}.${info.isTable ? 'csv' : 'geojson'}`);
    const body = info.isTable ? csvOf(ask, info, objectIds) : geoJsonOf(ask, info, objectIds);
    yield { path: `features/${name}`, body };
    if (info.hasAttachments) yield* readAttachments(client, url, info, objectIds);
  }
}
