import { safeFileName } from '../../backup/names/names.ts';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { listAttachments, type Attachment } from './attachment-list.ts';
import { download, type Download } from '../content/download.ts';
import { otherSize } from '../content/file-size.ts';
import { fileOf, type FeatureFile, type LostFiles } from './feature-files.ts';
import type { LayerInfo } from './layer-info.ts';

/** Attachments that one index names: it is in memory until it is whole. */
const mostInIndex = 20_000;

/** Rows whose attachments cannot be listed, after which a layer's other rows are not asked either. */
const mostLost = 20;

/**
 * The attachments of a layer's rows, in the order of row and attachment ids, and after them an index of what the service says
 * of each: a line of JSON, with its path, also of one that it does not give. Returns how many it lists; null when it does not
 * list all. Opening one throws ITEM_TRUNCATED and ITEM_DAMAGED when it has fewer or more bytes than the service says, and what
 * `download` throws.
 * @param url of the layer
 */
export async function* readAttachments(
  client: Client,
  url: string,
  info: LayerInfo,
  objectIds: readonly number[],
): AsyncGenerator<FeatureFile | LostFiles, number | null> {
  const folder = `features/attachments/${info.id}`;
  const index = new Index(folder);
  let count = 0;
  let lost = 0;
  let isShort = false;
  for await (const found of listAttachments(client, url, whatOf(info), info, objectIds)) {
    if ('error' in found) {
      isShort = true;
      if (found.isEntry !== true) lost += 1;
      const isAll = found.row === undefined || lost === mostLost;
      yield { folder: isAll ? folder : `${folder}/${found.row}`, error: found.error };
      if (isAll) break;
      continue;
    }
    count += 1;
    const file = fileOfRow(client, url, info, found);
    index.add(lineOf(found, file.path));
    yield file;
    if (index.isFull) yield index.file();
  }
  if (!index.isEmpty) yield index.file();
  return isShort ? null : count;
}

/** The attachments of a few rows, again, without an index: what the rows have was listed before. Opening throws as above. */
export function readAttachmentsAgain(
  client: Client,
  url: string,
  info: LayerInfo,
  rows: readonly number[],
): AsyncGenerator<FeatureFile> {
  return allAttachments(client, url, info, rows, (found) => fileOfRow(client, url, info, found));
}

const whatOf = ({ id }: LayerInfo) => `The attachments of layer ${id}`;

/** What is made of each attachment of some rows, in order. Throws what cannot be listed. @param url of the layer */
export async function* allAttachments<T>(
  client: Client,
  url: string,
  info: LayerInfo,
  rows: readonly number[],
  make: (found: Attachment) => T,
): AsyncGenerator<T> {
  for await (const found of listAttachments(client, url, whatOf(info), info, rows)) {
    if ('error' in found) throw found.error;
    yield make(found);
  }
}

function fileOfRow(client: Client, url: string, info: LayerInfo, found: Attachment): FeatureFile {
  const path = `features/attachments/${info.id}/${found.row}/${found.id} ${safeFileName(found.name)}`;
  return { path, open: () => openAttachment(client, url, info, found), isBeside: true };
}

/** Lines that are gathered until they are a file. */
class Index {
  readonly #folder: string;
  #lines: string[] = [];
  #files = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  get isFull(): boolean {
    return this.#lines.length === mostInIndex;
  }

  add(line: string): void {
    this.#lines.push(line);
  }

  file(): FeatureFile {
    const body = piecesOf([Buffer.from(this.#lines.join(''))]);
    this.#lines = [];
    this.#files += 1;
    return fileOf(`${this.#folder}/index${this.#files === 1 ? '' : ` ${this.#files}`}.jsonl`, body);
  }
}

/** Its keys sorted, so that the same attachment gives the same line; without an address, which holds a token. */
function lineOf({ row, said }: Attachment, path: string): string {
  const all = Object.entries({ parentObjectId: row, ...said, path }).filter(([key]) => key !== 'url');
  return `${JSON.stringify(Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))))}\n`;
}

async function* piecesOf(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

/** The bytes of an attachment. Throws as opening one of `readAttachments` does. @param url of the layer */
export async function openAttachment(
  client: Client,
  url: string,
  info: LayerInfo,
  { row, id, size }: Attachment,
): Promise<Download> {
  const named = `${whatOf(info)}, row ${row}, number ${id}`;
  const expected = size > 0 ? { size } : {};
  const found = await download(client, `${url}/${row}/attachments/${id}`, named, expected);
  if (found !== undefined && (found.size !== 0 || size === 0))
    return { body: held(found.body, size, named), ...(found.size !== undefined && { size: found.size }) };
  if (size > 0) throw new BackupError('ITEM_TRUNCATED', `${named}: the portal gives nothing instead of ${size} bytes.`);
  // An empty attachment is an attachment.
  return { body: piecesOf([]), size: 0 };
}

/** A server may cut a file, or answer with something else, and say that it is whole; the size that it lists tells. */
async function* held(body: AsyncIterable<Uint8Array>, size: number, named: string): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of body) {
    done += piece.length;
    if (size > 0 && done > size) throw otherSize(named, done, size);
    yield piece;
  }
  if (done < size)
    throw new BackupError('ITEM_TRUNCATED', `${named}: the portal gives ${done} bytes instead of ${size}.`);
}
