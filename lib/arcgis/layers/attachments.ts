import { z } from 'zod';
import { safeFileName } from '../../backup/names/names.ts';
import { BackupError } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { askService } from './service.ts';
import { download, otherSize } from '../content/download.ts';
import type { FeatureFile } from './feature-files.ts';
import type { LayerInfo } from './layer-info.ts';
import { refuseEndless } from '../connection/list-bounds.ts';

const infos = z
  .array(z.looseObject({ id: z.number(), name: z.string().nullish(), size: z.number().nullish() }))
  .nullish();
const group = z.looseObject({
  parentObjectId: z.number(),
  parentGlobalId: z.unknown().optional(),
  attachmentInfos: infos,
});
const many = z.looseObject({
  attachmentGroups: z.array(group).nullish(),
  exceededTransferLimit: z.boolean().nullish(),
});
const one = z.looseObject({ attachmentInfos: infos });

/** Rows a question. */
const mostRows = 200;

/** Attachments that one index names: it is in memory until it is whole. */
const mostInIndex = 20_000;

/** One attachment of a row. */
interface Attachment {
  row: number;
  id: number;
  name: string;
  size: number;
  /** all that the service says of it */
  said: Readonly<Record<string, unknown>>;
}

/** Lists the attachments of a layer's rows. */
type List = (objectIds: readonly number[]) => Promise<Attachment[]>;

/**
 * The attachments of a layer's rows, in the order of row and attachment ids, and after them an index of what the service says
 * of each: a line of JSON, with its path. Returns how many there are. Throws ITEM_TRUNCATED and ITEM_DAMAGED when one has fewer or more bytes
 * than the service says, and what `download` throws.
 * @param url of the layer
 */
export async function* readAttachments(
  client: Client,
  url: string,
  info: LayerInfo,
  objectIds: readonly number[],
): AsyncGenerator<FeatureFile, number> {
  const what = `The attachments of layer ${info.id}`;
  const folder = `features/attachments/${info.id}`;
  const list = info.canQueryAttachments ? together(client, url, what, info) : apart(client, url, what);
  let lines: string[] = [];
  let indexes = 0;
  let count = 0;
  const index = (): FeatureFile => {
    const body = [Buffer.from(lines.join(''))];
    lines = [];
    indexes += 1;
    return { path: `${folder}/index${indexes === 1 ? '' : ` ${indexes}`}.jsonl`, body: piecesOf(body) };
  };
  for (let n = 0; n < objectIds.length; n += mostRows) {
    const found = inOrder(await list(objectIds.slice(n, n + mostRows)));
    count += found.length;
    refuseEndless(what, { total: count, entries: count, pages: 1 });
    for (const each of found) {
      const path = `${folder}/${each.row}/${each.id} ${safeFileName(each.name)}`;
      lines.push(lineOf(each, path));
      yield { path, ...(await open(client, url, what, each)) };
      if (lines.length === mostInIndex) yield index();
    }
  }
  if (lines.length > 0) yield index();
  return count;
}

/** Its keys sorted, so that the same attachment gives the same line; without an address, which holds a token. */
function lineOf({ row, said }: Attachment, path: string): string {
  const all = Object.entries({ parentObjectId: row, ...said, path }).filter(([key]) => key !== 'url');
  return `${JSON.stringify(Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))))}\n`;
}

async function* piecesOf(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

/** By row and attachment, each once: they become paths. */
function inOrder(found: readonly Attachment[]): Attachment[] {
  const sorted = [...found].sort((a, b) => a.row - b.row || a.id - b.id);
  return sorted.filter(({ row, id }, n) => row !== sorted[n - 1]?.row || id !== sorted[n - 1]?.id);
}

async function open(client: Client, url: string, what: string, { row, id, size }: Attachment) {
  const named = `${what}, row ${row}, number ${id}`;
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

/**
 * Many rows with one question. An answer that may have been cut is asked for again in halves, a single row by the way
 * that knows no limit.
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-attachments-feature-service-layer/
 */
function together(client: Client, url: string, what: string, { maxRecordCount }: LayerInfo): List {
  const list: List = async (objectIds) => {
    const call = { url: `${url}/queryAttachments`, method: 'POST', what } as const;
    const params = { objectIds: objectIds.join(',') };
    const answer = await askService(client, { ...call, params });
    const { attachmentGroups, exceededTransferLimit } = shaped(many, answer, what);
    const asked = new Set(objectIds);
    const groups = (attachmentGroups ?? []).filter(({ parentObjectId }) => asked.has(parentObjectId));
    const found = groups.flatMap((each) => named(each.parentObjectId, each.attachmentInfos, each.parentGlobalId));
    if (exceededTransferLimit !== true && found.length < maxRecordCount) return found;
    if (objectIds.length === 1) return apart(client, url, what)(objectIds);
    const half = Math.ceil(objectIds.length / 2);
    return [...(await list(objectIds.slice(0, half))), ...(await list(objectIds.slice(half)))];
  };
  return list;
}

/**
 * A question for each row, as any server understands it.
 * https://developers.arcgis.com/rest/services-reference/enterprise/attachment-infos-feature-service/
 */
function apart(client: Client, url: string, what: string): List {
  return async (objectIds) => {
    const found: Attachment[] = [];
    for (const row of objectIds) {
      const call = { url: `${url}/${row}/attachments`, what };
      const answer = await askService(client, call);
      found.push(...named(row, shaped(one, answer, what).attachmentInfos));
    }
    return found;
  };
}

function named(row: number, list: z.infer<typeof infos>, parentGlobalId?: unknown): Attachment[] {
  return (list ?? []).map((said) => {
    const { id, name, size } = said;
    const parent = parentGlobalId === undefined ? {} : { parentGlobalId };
    return { row, id, name: name ?? 'attachment', size: size ?? 0, said: { ...parent, ...said } };
  });
}
