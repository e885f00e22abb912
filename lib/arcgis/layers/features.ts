import { createHash } from 'node:crypto';
import { safeFileName } from '../../backup/names/names.ts';
import { oneLine } from '../../backup/words.ts';
import type { Item, SavedLayer } from '../../backup/item.ts';
import { note, type Note } from '../../backup/notes.ts';
import type { BackupError } from '../../errors.ts';
import { readAttachments, readAttachmentsAgain } from './attachments.ts';
import type { Client } from '../connection/client.ts';
import { documentOf, fileOf, type FeatureFile, type LostFiles } from './feature-files.ts';
import { asker, readPages, RowsWithoutIds, type Page } from './feature-pages.ts';
import { formOf, infosOf, type Form, type LayerInfo } from './layer-info.ts';
import { BrokenLayer, listLayers } from './layer-list.ts';
import { checkIds, readIds, type RowIds } from './row-ids.ts';
import type { WrongCount } from './row-trouble.ts';
import { readInOrder, type Reading } from './rows-in-order.ts';
import { serviceAddress } from './service.ts';

/** What was counted of a layer while its rows were read. Plain data: it is kept between two activities. */
export interface LayerCounted {
  rows: number;
  lastRow: number | null;
  wrong?: WrongCount;
  isInOrder: boolean;
}

/** A layer or a table that can be read row by row. */
export interface LayerRows {
  /** undefined: it has no number */
  id: number | undefined;
  name: string;
  /** of its rows, below the item's folder, in the form that loses nothing */
  path: string;
  /** The same in any form. */
  pathOf(form: Form): string;
  /** does the service itself say that its rows cannot be queried? Then a refusal is its last word */
  isClosed: boolean;
  /** the form that loses nothing of its rows */
  form: Form;
  /** another one, for servers that refuse the first */
  otherForm?: Form;
  /** Its rows, then the attachments; to be read one after the other. May be begun anew. */
  files(form: Form): AsyncGenerator<FeatureFile | LostFiles>;
  /** The attachments of these rows alone. */
  attachments(rows: readonly number[]): AsyncGenerator<FeatureFile>;
  /** What was counted of its rows, once they were read. */
  counted(): LayerCounted;
  /** Takes what was counted when the rows were read before, in place of reading them. */
  resume(counted: LayerCounted): void;
  /** How much it was, once the last file was read. */
  count(): SavedLayer;
  /** Said in `notes` of backup.json, once the last file was read. */
  notes(): Note[];
}

/**
 * Reads a hosted service row by row, without changing anything: a document for each layer and table, and the attachments of
 * its rows with what the service says of them. The same rows give the same bytes. Throws HOST_FOREIGN, PORTAL_…; the files of
 * a layer, read one after the other, throw LISTING_INCOMPLETE when rows came or went meanwhile, ITEM_TRUNCATED when not all of
 * them come, PORTAL_….
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
 */
export async function readFeatures(client: Client, item: Item): Promise<LayerRows[]> {
  const service = await serviceAddress(client, item);
  const what = `The rows of ${item.id}`;
  return infosOf(await listLayers(client, service, what), what).map((info) =>
    info instanceof BrokenLayer
      ? unreadable(info)
      : layerOf(client, `${service}/${info.id}`, info, `Layer ${info.id} of ${item.id}`),
  );
}

function unreadable({ id, name, error }: BrokenLayer): LayerRows {
  return {
    id,
    name,
    path: pathOf({ id, name }, 'geojson'),
    pathOf: (form) => pathOf({ id, name }, form),
    isClosed: false,
    form: 'geojson',
    files: () => failing(error),
    attachments: () => failing(error),
    counted: () => ({ rows: 0, lastRow: null, isInOrder: false }),
    resume: () => undefined,
    count: () => ({ id: id ?? -1, name, rows: null, attachments: null }),
    notes: () => [],
  };
}

async function* failing(error: BackupError): AsyncGenerator<FeatureFile> {
  await Promise.reject(error);
}

function pathOf({ id, name }: { id: number | undefined; name: string }, form: Form): string {
  const plain = safeFileName(`${id ?? 'x'} ${name}.${form === 'geojson' ? 'geojson' : 'json'}`);
  return `features/${plain}`;
}

function layerOf(client: Client, url: string, info: LayerInfo, what: string): LayerRows {
  const reader = new LayerReader(client, url, info, what);
  return {
    id: info.id,
    name: info.name,
    path: pathOf(info, formOf(info)),
    pathOf: (form) => pathOf(info, form),
    isClosed: !info.canQuery,
    form: formOf(info),
    ...(formOf(info) === 'geojson' && !info.isTable && { otherForm: 'esri' }),
    files: (form) => reader.files(form),
    attachments: (rows) => readAttachmentsAgain(client, url, info, rows),
    counted: () => reader.counted(),
    resume: (counted) => reader.resume(counted),
    count: () => reader.count(),
    notes: () => reader.notes(),
  };
}

/** Reads one layer, as often as it takes. */
class LayerReader {
  readonly #client: Client;
  readonly #url: string;
  readonly #info: LayerInfo;
  readonly #what: string;
  /** of the reading under way */
  #found = { rows: 0, attachments: 0 as number | null, lastRow: null as number | null };
  #wrong: WrongCount | undefined;
  #isInOrder = false;
  #path = '';
  /** of rows without ids, to be compared with the next reading */
  readonly #reading: Reading = {};

  constructor(client: Client, url: string, info: LayerInfo, what: string) {
    this.#client = client;
    this.#url = url;
    this.#info = info;
    this.#what = what;
  }

  async *files(form: Form): AsyncGenerator<FeatureFile | LostFiles> {
    const ask = asker(this.#client, this.#url, this.#what);
    const { objectIdField } = this.#info;
    const ids = objectIdField === undefined ? { objectIds: [] } : await readIds(ask, objectIdField);
    this.#found = { rows: 0, attachments: 0, lastRow: ids.objectIds.at(-1) ?? null };
    this.#wrong = undefined;
    this.#path = pathOf(this.#info, form);
    const from = (n: number) => documentOf(this.#counting(this.#rows(ids, form, n), n), this.#info, form, n);
    const mayGoOn = objectIdField !== undefined && !isUseless(ids);
    yield {
      ...fileOf(this.#path, from(0)),
      seal: sealOf(ids.objectIds),
      ...(mayGoOn && { rows: { count: ids.objectIds.length, from } }),
    };
    if (!this.#info.hasAttachments || objectIdField === undefined) return;
    this.#found.attachments = yield* readAttachments(this.#client, this.#url, this.#info, ids.objectIds);
  }

  counted(): LayerCounted {
    const { rows, lastRow } = this.#found;
    return { rows, lastRow, isInOrder: this.#isInOrder, ...(this.#wrong && { wrong: this.#wrong }) };
  }

  resume({ rows, lastRow, isInOrder, wrong }: LayerCounted): void {
    this.#found = { ...this.#found, rows, lastRow };
    this.#isInOrder = isInOrder;
    this.#wrong = wrong;
  }

  count(): SavedLayer {
    const { id, name, isDated } = this.#info;
    const { rows, attachments, lastRow } = this.#found;
    return { id, name, rows, attachments, ...(!isDated && { lastRow }) };
  }

  notes(): Note[] {
    const { name, hasAttachments, objectIdField } = this.#info;
    const layer = `"${oneLine(name, 100)}"`;
    const notes: Note[] = [];
    if (this.#isInOrder) {
      const lost = hasAttachments && objectIdField === undefined ? ', and their attachments were not' : '';
      const text = `Rows of ${layer} have no object id: they were read in the order of their values${lost}.`;
      notes.push(note('ROWS_WITHOUT_ID', text));
    }
    if (this.#wrong !== undefined) {
      const { counted, rows } = this.#wrong;
      const what = `the service counts ${counted} and gives ${rows}, the same ones whenever it is asked; those were saved`;
      notes.push(note('ROWS_MISCOUNTED', `Rows of ${layer}: ${what}.`, this.#path));
    }
    return notes;
  }

  async *#rows(ids: RowIds, form: Form, from: number): AsyncGenerator<Page> {
    const ask = asker(this.#client, this.#url, this.#what);
    const { objectIdField } = this.#info;
    this.#isInOrder = objectIdField === undefined || isUseless(ids);
    if (objectIdField !== undefined && !this.#isInOrder) {
      try {
        yield* readPages(ask, this.#info, ids.objectIds, form, from);
        this.#wrong = await checkIds(ask, objectIdField, ids);
        return;
      } catch (error) {
        if (!(error instanceof RowsWithoutIds)) throw error;
        this.#isInOrder = true;
      }
    }
    yield* readInOrder(ask, this.#info, form, this.#reading);
    this.#wrong = this.#reading.wrong;
  }

  async *#counting(pages: AsyncIterable<Page>, from: number): AsyncGenerator<Page> {
    this.#found.rows = from;
    for await (const page of pages) {
      this.#found.rows += page.rows.length;
      yield page;
    }
  }
}

/** Tells one set of rows from another. */
function sealOf(objectIds: readonly number[]): string {
  return createHash('sha256').update(objectIds.join()).digest('hex');
}

/** The service counts rows, and lists none of their ids or some twice: then ids do not tell rows apart. */
function isUseless({ objectIds, wrong, isDouble }: RowIds): boolean {
  return wrong !== undefined && (objectIds.length === 0 || isDouble === true);
}
