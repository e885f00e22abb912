import { safeFileName } from '../../backup/names/names.ts';
import { oneLine } from '../../backup/report.ts';
import type { Item, SavedLayer } from '../../backup/item.ts';
import { readAttachments } from './attachments.ts';
import type { Client } from '../connection/client.ts';
import { documentOf, type FeatureFile } from './feature-files.ts';
import { asker, readIds, readInOrder, readPages, type Page } from './feature-pages.ts';
import { formOf, infosOf, type Form, type LayerInfo } from './layer-info.ts';
import { askService, serviceAddress } from './service.ts';

/** A layer or a table that can be read row by row. */
export interface LayerRows {
  /** the form that loses nothing of its rows */
  form: Form;
  /** another one, for servers that refuse the first */
  otherForm?: Form;
  /** Its rows, then the attachments; to be read one after the other. May be begun anew. */
  files(form: Form): AsyncGenerator<FeatureFile>;
  /** How much it was, once the last file was read. */
  count(): SavedLayer;
  /** said in `notes` of backup.json */
  note?: string;
}

/**
 * Reads a hosted service row by row, without changing anything: a document for each layer and table, and the attachments of
 * its rows with what the service says of them. The same rows give the same bytes. Its files throw LISTING_INCOMPLETE when rows
 * came or went meanwhile, ITEM_TRUNCATED, HOST_FOREIGN, PORTAL_….
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
 */
export async function* readFeatures(client: Client, item: Item): AsyncGenerator<LayerRows> {
  const service = await serviceAddress(client, item);
  const what = `The rows of ${item.id}`;
  const answer = await askService(client, { url: `${service}/layers`, what });
  for (const info of infosOf(answer, what))
    yield layerOf(client, `${service}/${info.id}`, info, `Layer ${info.id} of ${item.id}`);
}

function layerOf(client: Client, url: string, info: LayerInfo, what: string): LayerRows {
  const ask = asker(client, url, what);
  const found = { rows: 0, attachments: 0, lastRow: null as number | null };
  async function* rowsOf(objectIds: readonly number[], form: Form): AsyncGenerator<Page> {
    const hasIds = info.objectIdField !== undefined;
    for await (const page of hasIds ? readPages(ask, info, objectIds, form) : readInOrder(ask, info, form)) {
      found.rows += page.rows.length;
      yield page;
    }
  }
  async function* files(form: Form): AsyncGenerator<FeatureFile> {
    const objectIds = info.objectIdField === undefined ? [] : await readIds(ask);
    Object.assign(found, { rows: 0, attachments: 0, lastRow: objectIds.at(-1) ?? null });
    const name = safeFileName(`${info.id} ${info.name}.${form === 'geojson' ? 'geojson' : 'json'}`);
    yield { path: `features/${name}`, body: documentOf(rowsOf(objectIds, form), info, form) };
    if (!info.hasAttachments) return;
    found.attachments = yield* readAttachments(client, url, info, objectIds);
  }
  return {
    form: formOf(info),
    ...(formOf(info) === 'geojson' && !info.isTable && { otherForm: 'esri' }),
    files,
    count: () => {
      const { rows, attachments, lastRow } = found;
      return { id: info.id, name: info.name, rows, attachments, ...(!info.isDated && { lastRow }) };
    },
    ...(info.objectIdField === undefined && { note: noObjectId(info) }),
  };
}

function noObjectId({ name, hasAttachments }: LayerInfo): string {
  const lost = hasAttachments ? ', and their attachments were not' : '';
  return `Rows of "${oneLine(name, 100)}" have no object id: they were read in the order of their values${lost}.`;
}
