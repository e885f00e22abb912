import { isCode } from '../../errors.ts';
import type { Download } from '../content/download.ts';
import type { Client } from '../connection/client.ts';
import { allAttachments, openAttachment } from './attachments.ts';
import { asked, asker, page, readPages, rowOf, type Page, type Row } from './feature-pages.ts';
import type { Form, LayerInfo } from './layer-info.ts';
import { readIds, rowsCounted } from './row-ids.ts';

/** A file at a row. */
export interface RowFile {
  /** object id of the row */
  row: number;
  /** of the file, within the layer */
  id: number;
  /** of the row, where the service tells it */
  globalId: string | undefined;
  name: string;
  /** bytes */
  size: number;
  contentType: string | undefined;
  keywords: string;
  /** Its bytes. Throws ITEM_TRUNCATED, ITEM_DAMAGED, PORTAL_…. */
  open(): Promise<Download>;
}

/** The rows of a layer or table, to be looked into. Every call throws PORTAL_…. */
export interface RowTable {
  info: LayerInfo;
  /** How many there are. */
  count: () => Promise<number>;
  /** Their object ids, in ascending order. */
  objectIds: () => Promise<readonly number[]>;
  /** All rows but the first `skip` in the order of their object ids, some at a time. Throws LISTING_INCOMPLETE, ITEM_TRUNCATED. */
  pages: (form: Form, skip?: number) => AsyncIterable<Page>;
  /** Those of some rows that there are, by their global ids, in any order. */
  byGlobalIds: (globalIds: readonly string[], form: Form) => Promise<Row[]>;
  /** The files of some rows, in the order of rows and files. Throws what cannot be listed. */
  files: (objectIds: readonly number[]) => AsyncIterable<RowFile>;
}

/** Opens the rows of a layer. @param url of the layer */
export function openTable(client: Client, url: string, info: LayerInfo, globalIdField: string | undefined): RowTable {
  const what = `The rows of layer ${info.id} of ${url.split('/').at(-3) ?? ''}`;
  const ask = asker(client, url, what);
  const { objectIdField = 'OBJECTID' } = info;
  const listIds = async () => (await readIds(ask, objectIdField)).objectIds;
  return {
    info,
    count: () => rowsCounted(ask),
    objectIds: listIds,
    pages: async function* (form, skip = 0) {
      yield* readPages(ask, info, await listIds(), form, skip);
    },
    byGlobalIds: (globalIds, form) => readByGlobalIds(ask, info, globalIdField ?? 'GlobalID', globalIds, form),
    files: (objectIds) => readFiles(client, url, info, objectIds),
  };
}

/** More rows than are asked for there cannot be, so what has fewer was cut, or they are gone: that is asked in halves. */
async function readByGlobalIds(
  ask: ReturnType<typeof asker>,
  info: LayerInfo,
  field: string,
  globalIds: readonly string[],
  form: Form,
): Promise<Row[]> {
  if (globalIds.length === 0) return [];
  const most = Math.max(1, Math.min(info.maxRecordCount, 500));
  if (globalIds.length > most) {
    const found: Row[] = [];
    for (let n = 0; n < globalIds.length; n += most)
      found.push(...(await readByGlobalIds(ask, info, field, globalIds.slice(n, n + most), form)));
    return found;
  }
  const where = `${field} IN (${globalIds.map((id) => `'${id.replaceAll("'", "''")}'`).join(',')})`;
  try {
    const { features, ...more } = await ask(page, { ...asked(info, form), where });
    const isCut = more['exceededTransferLimit'] === true;
    if (!isCut || globalIds.length === 1) return features.map((each) => rowOf(each, info.objectIdField));
  } catch (error) {
    if (globalIds.length === 1 || !isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER')) throw error;
  }
  const half = Math.ceil(globalIds.length / 2);
  return [
    ...(await readByGlobalIds(ask, info, field, globalIds.slice(0, half), form)),
    ...(await readByGlobalIds(ask, info, field, globalIds.slice(half), form)),
  ];
}

async function* readFiles(
  client: Client,
  url: string,
  info: LayerInfo,
  objectIds: readonly number[],
): AsyncGenerator<RowFile> {
  for await (const found of allAttachments(client, url, info, objectIds)) {
    const { row, id, name, size, said } = found;
    const text = (key: string) => (typeof said[key] === 'string' ? said[key] : undefined);
    yield {
      row,
      id,
      globalId: text('parentGlobalId') || undefined,
      name,
      size,
      contentType: text('contentType'),
      keywords: text('keywords') ?? '',
      open: () => openAttachment(client, url, info, found),
    };
  }
}
