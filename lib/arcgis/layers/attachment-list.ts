import { z } from 'zod';
import { isCode, type BackupError } from '../../errors.ts';
import { shaped, type Client } from '../connection/client.ts';
import { kindOf, objectIn } from '../connection/fields.ts';
import { refuseEndless } from '../connection/list-bounds.ts';
import { PortalError } from '../connection/portal-error.ts';
import type { LayerInfo } from './layer-info.ts';
import { askService } from './service.ts';

const info = z.looseObject({
  id: z.number(),
  name: z.string().nullish().catch(null),
  size: z.number().nullish().catch(null),
});
const infos = z.array(info).nullish();
const group = z.looseObject({
  parentObjectId: z.number(),
  parentGlobalId: z.unknown().optional(),
  attachmentInfos: infos,
});
const many = z.looseObject({
  attachmentGroups: z.array(group).nullish(),
  exceededTransferLimit: z.boolean().nullish(),
});
const one = z.looseObject({ attachmentInfos: z.array(z.unknown()).nullish() });

/** Rows a question. */
const mostRows = 200;

/** One attachment of a row. */
export interface Attachment {
  row: number;
  id: number;
  name: string;
  size: number;
  /** all that the service says of it */
  said: Readonly<Record<string, unknown>>;
}

/** What cannot be listed: of a row, or of all that follow. */
export interface Unlisted {
  row: number | undefined;
  error: BackupError;
  /** one entry of the row's list cannot be read; the others of the row are listed */
  isEntry?: true;
}

type Listed = Attachment | Unlisted;

/** Lists the attachments of a layer's rows. */
type List = (objectIds: readonly number[]) => Promise<Listed[]>;

/**
 * All attachments, in order. Where many rows cannot be asked about with one question, each is asked about alone; a server that
 * does not answer is not asked a thousand times.
 */
export async function* listAttachments(
  client: Client,
  url: string,
  what: string,
  info: LayerInfo,
  objectIds: readonly number[],
): AsyncGenerator<Listed> {
  const alone = apart(client, url, what);
  const list = info.canQueryAttachments ? together(client, url, what, info) : undefined;
  let count = 0;
  const bounded = (asked: Promise<Listed[]>) =>
    unlessError(
      asked.then((found) => {
        count += found.length;
        refuseEndless(what, { total: count, entries: count, pages: 1 });
        return inOrder(found);
      }),
    );
  for (let n = 0; n < objectIds.length; n += mostRows) {
    const some = objectIds.slice(n, n + mostRows);
    const found = list && (await bounded(list(some)));
    if (Array.isArray(found)) yield* found;
    else if (found !== undefined && !isCode(found, ...ofTheQuestion)) {
      yield { row: undefined, error: found };
      return;
    }
    if (Array.isArray(found)) continue;
    for (const row of some) {
      const own = await bounded(alone([row]));
      if (Array.isArray(own)) yield* own;
      else yield { row: isCode(own, ...ofTheQuestion) ? row : undefined, error: own };
    }
  }
}

/** What another question may not hear. */
const ofTheQuestion = ['PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_REFUSED', 'ITEM_GONE', 'ITEM_TRUNCATED'] as const;

/** What the portal said instead. What concerns more than this layer is thrown. */
async function unlessError<T>(asked: Promise<T>): Promise<T | BackupError> {
  try {
    return await asked;
  } catch (error) {
    if (!isCode(error, ...ofTheQuestion, 'PORTAL_UNREACHABLE', 'PORTAL_BUSY', 'HOST_FOREIGN')) throw error;
    return error;
  }
}

/** By row and attachment, each once: they become paths. Behind them what cannot be read. */
function inOrder(found: readonly Listed[]): Listed[] {
  const sorted = found.filter((each) => 'id' in each).sort((a, b) => a.row - b.row || a.id - b.id);
  const once = sorted.filter(({ row, id }, n) => row !== sorted[n - 1]?.row || id !== sorted[n - 1]?.id);
  return [...once, ...found.filter((each) => 'error' in each)];
}

/**
 * Many rows with one question. An answer that may have been cut is asked for again in halves, a single row by the way
 * that knows no limit; not every server says that it cuts, or how much it gives, so what seems to be whole is held against
 * a second question for the rows at its end.
 * https://developers.arcgis.com/rest/services-reference/enterprise/query-attachments-feature-service-layer/
 */
function together(client: Client, url: string, what: string, { maxRecordCount }: LayerInfo): List {
  const alone = apart(client, url, what);
  const ask = async (objectIds: readonly number[]) => {
    const call = { url: `${url}/queryAttachments`, method: 'POST', what } as const;
    const params = { objectIds: objectIds.join(',') };
    const answer = await askService(client, { ...call, params });
    const { attachmentGroups, exceededTransferLimit } = shaped(many, answer, what);
    const wanted = new Set(objectIds);
    const groups = (attachmentGroups ?? []).filter(({ parentObjectId }) => wanted.has(parentObjectId));
    const found = groups.flatMap((each) => named(each.parentObjectId, each.attachmentInfos, each.parentGlobalId));
    return { found, isCut: exceededTransferLimit === true || found.length >= maxRecordCount };
  };
  const list: List = async (objectIds) => {
    const { found, isCut } = await ask(objectIds);
    if (!isCut && (await isWhole(ask, alone, objectIds, found))) return found;
    if (objectIds.length === 1) return alone(objectIds);
    const half = Math.ceil(objectIds.length / 2);
    return [...(await list(objectIds.slice(0, half))), ...(await list(objectIds.slice(half)))];
  };
  return list;
}

/**
 * A cut answer lacks attachments of its last row, or rows that it does not name: those are asked about once more. Where it
 * names none, nothing was cut.
 */
async function isWhole(
  ask: (objectIds: readonly number[]) => Promise<{ found: Attachment[] }>,
  alone: List,
  objectIds: readonly number[],
  found: readonly Attachment[],
): Promise<boolean> {
  const last = found.at(-1)?.row;
  if (last === undefined) return true;
  const ofLast = found.filter(({ row }) => row === last);
  const own = await unlessError(alone([last]));
  // A server that knows one way only cannot be held against the other.
  if (Array.isArray(own) && own.length > ofLast.length) return false;
  const rows = new Set(found.map(({ row }) => row));
  const silent = objectIds.filter((id) => !rows.has(id));
  return silent.length === 0 || (await ask(silent)).found.length === 0;
}

/**
 * A question for each row, as any server understands it. An entry that is no attachment costs no other.
 * https://developers.arcgis.com/rest/services-reference/enterprise/attachment-infos-feature-service/
 */
function apart(client: Client, url: string, what: string): List {
  return async (objectIds) => {
    const found: Listed[] = [];
    for (const row of objectIds) {
      const call = { url: `${url}/${row}/attachments`, what };
      const answer = await askService(client, call);
      const all = shaped(one, answer, what).attachmentInfos ?? [];
      const read = all.map((entry) => info.safeParse(entry).data);
      found.push(
        ...named(
          row,
          read.filter((each) => each !== undefined),
        ),
      );
      for (const [n, entry] of all.entries())
        if (read[n] === undefined) found.push({ row, isEntry: true, error: notAttachment(what, row, n, entry) });
    }
    return found;
  };
}

function notAttachment(what: string, row: number, n: number, entry: unknown): BackupError {
  const is = objectIn(entry) === undefined ? `is ${kindOf(entry)}` : 'has no number that can be asked for';
  return new PortalError('PORTAL_ANSWER', `${what}, row ${row}: entry ${n + 1} of the list ${is}.`);
}

function named(
  row: number,
  list: readonly z.infer<typeof info>[] | null | undefined,
  parentGlobalId?: unknown,
): Attachment[] {
  return (list ?? []).map((said) => {
    const { id, name, size } = said;
    const parent = parentGlobalId === undefined ? {} : { parentGlobalId };
    return { row, id, name: name ?? 'attachment', size: size ?? 0, said: { ...parent, ...said } };
  });
}
