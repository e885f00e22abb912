import type { Item, SavedLayer } from '../../backup/item.ts';
import { isCode } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { asker, count, ids, page, type Ask } from './feature-pages.ts';
import { infosOf, type LayerInfo } from './layer-info.ts';
import { BrokenLayer, listLayers } from './layer-list.ts';
import { serviceAddress } from './service.ts';

/**
 * Counts the rows of every layer and table of a hosted service; where rows are edited without a date, their highest object
 * id as well. A request each, and one for the list. What a server will or can not count is null. Throws HOST_FOREIGN, PORTAL_….
 * @param infos of the layers, where they are known
 */
export async function countRows(client: Client, item: Item, infos?: readonly LayerInfo[]): Promise<SavedLayer[]> {
  const service = await serviceAddress(client, item);
  const what = `The number of rows of ${item.id}`;
  const all = infos ?? infosOf(await listLayers(client, service, what), what);
  const counts: SavedLayer[] = [];
  for (const info of all) {
    if (info instanceof BrokenLayer) {
      counts.push({ id: info.id ?? -1, name: info.name, rows: null, attachments: null });
      continue;
    }
    const { id, name, hasAttachments, isDated } = info;
    const ask = asker(client, `${service}/${id}`, `The number of rows of layer ${id} of ${item.id}`);
    const found = await countLayer(ask, info);
    counts.push({ id, name, rows: found.rows, attachments: hasAttachments ? null : 0, ...(!isDated && found) });
  }
  return counts;
}

interface Counted {
  rows: number | null;
  lastRow: number | null;
}

async function countLayer(ask: Ask, info: LayerInfo): Promise<Counted> {
  if (!info.isDated && info.hasStatistics && info.objectIdField !== undefined) {
    const found = await unlessRefused(statistics(ask, info.objectIdField));
    if (found !== null) return found;
  }
  const rows = await unlessRefused(ask(count, { returnCountOnly: true }).then((answer) => answer.count));
  if (info.isDated || rows === null || info.objectIdField === undefined) return { rows, lastRow: null };
  const last = rows <= mostIds ? highestId(ask) : lastRow(ask, info.objectIdField);
  return { rows, lastRow: await unlessRefused(last) };
}

/** Ids in one answer; every server gives them, and not every server sorts. */
const mostIds = 20_000;

/** https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/, outStatistics */
async function statistics(ask: Ask, objectIdField: string): Promise<Counted | null> {
  const of = (statisticType: string, outStatisticFieldName: string) => ({
    statisticType,
    onStatisticField: objectIdField,
    outStatisticFieldName,
  });
  const outStatistics = JSON.stringify([of('count', 'row_count'), of('max', 'last_row')]);
  const { features } = await ask(page, { outStatistics, returnGeometry: false });
  // Some databases write the names of fields in capitals.
  const values = Object.entries(features[0]?.attributes ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const { row_count: rows, last_row: last } = Object.fromEntries(values) as Record<string, unknown>;
  if (typeof rows !== 'number') return null;
  return { rows, lastRow: typeof last === 'number' ? last : null };
}

async function highestId(ask: Ask): Promise<number | null> {
  const { objectIds } = await ask(ids, { returnIdsOnly: true });
  return objectIds.reduce<number | null>((most, id) => Math.max(most ?? id, id), null);
}

async function lastRow(ask: Ask, objectIdField: string): Promise<number | null> {
  const { features } = await ask(page, {
    orderByFields: `${objectIdField} DESC`,
    outFields: objectIdField,
    returnGeometry: false,
    resultRecordCount: 1,
  });
  const ids = features.map(({ attributes }) => Number(attributes?.[objectIdField]));
  return ids.reduce<number | null>((most, id) => (Number.isFinite(id) ? Math.max(most ?? id, id) : most), null);
}

/** What a server says instead of a count, or that it says nothing, is no reason to lose its rows. */
async function unlessRefused<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (!isCode(error, 'PORTAL_ERROR', 'PORTAL_REFUSED', 'PORTAL_ANSWER', 'PORTAL_UNREACHABLE')) throw error;
    return null;
  }
}
