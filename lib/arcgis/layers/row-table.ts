import type { Download } from '../content/download.ts';
import type { Client } from '../connection/client.ts';
import { allAttachments, openAttachment } from './attachments.ts';
import { asker, readPages, type Page, type Row } from './feature-pages.ts';
import { byGlobalIds } from './global-ids.ts';
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
  /** Those of some rows that there are, by their global ids in any spelling, in any order. */
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
    byGlobalIds: byGlobalIds(ask, info, globalIdField ?? 'GlobalID'),
    files: (objectIds) => readFiles(client, url, info, objectIds),
  };
}

function readFiles(
  client: Client,
  url: string,
  info: LayerInfo,
  objectIds: readonly number[],
): AsyncGenerator<RowFile> {
  return allAttachments(client, url, info, objectIds, (found) => {
    const { row, id, name, size, said } = found;
    const text = (key: string) => (typeof said[key] === 'string' ? said[key] : undefined);
    return {
      row,
      id,
      globalId: text('parentGlobalId') || undefined,
      name,
      size,
      contentType: text('contentType'),
      keywords: text('keywords') ?? '',
      open: () => openAttachment(client, url, info, found),
    };
  });
}
