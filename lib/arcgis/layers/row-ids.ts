import { z } from 'zod';
import { count, ids, type Ask } from './feature-pages.ts';
import { moved, short, type WrongCount } from './row-trouble.ts';

/** The ids of a layer's rows. */
export interface RowIds {
  /** in ascending order, each once */
  objectIds: readonly number[];
  /** the service counts others, also when it is asked again */
  wrong?: WrongCount;
  /** more rows than one bear an id, as far as is known */
  isDouble?: boolean;
}

/**
 * All ids. Where the service counts others, it is asked for what may lie behind the last one, and then for everything again:
 * if its list holds still, its count is wrong. Throws LISTING_INCOMPLETE when rows come or go, ITEM_TRUNCATED when the
 * service says that its list is cut.
 */
export async function readIds(ask: Ask, objectIdField: string): Promise<RowIds> {
  const first = await listIds(ask);
  const counted = await rowsCounted(ask);
  if (counted === first.objectIds.length) return first;
  const all = await listBeyond(ask, objectIdField, first);
  if (counted === all.objectIds.length) return all;
  const again = await listBeyond(ask, objectIdField, await listIds(ask));
  const countedAgain = await rowsCounted(ask);
  if (countedAgain === again.objectIds.length) return again;
  if (counted !== countedAgain || !isSame(all, again)) throw moved();
  const rows = all.objectIds.length;
  if (all.isCut && rows < counted) throw short(`it counts ${counted}, and cuts the list of their ids after ${rows}`);
  return { ...all, wrong: { counted, rows } };
}

/**
 * Do the rows still number as many after the last one was read, or at least have the same ids? Then their count alone is wrong.
 * Throws LISTING_INCOMPLETE when rows came or went.
 */
export async function checkIds(ask: Ask, objectIdField: string, before: RowIds): Promise<WrongCount | undefined> {
  const counted = await rowsCounted(ask);
  const rows = before.objectIds.length;
  if (counted === rows && before.wrong === undefined) return undefined;
  if (!isSame(before, await listBeyond(ask, objectIdField, await listIds(ask)))) throw moved();
  return counted === rows ? undefined : { counted, rows };
}

/** How many rows the service says there are. */
export async function rowsCounted(ask: Ask): Promise<number> {
  return (await ask(count, { returnCountOnly: true })).count;
}

interface Listed extends RowIds {
  /** the service says that there are more */
  isCut: boolean;
}

const limited = z.looseObject({ exceededTransferLimit: z.unknown().optional() });

async function listIds(ask: Ask, where = '1=1'): Promise<Listed> {
  const answer = await ask(z.intersection(ids, limited), { returnIdsOnly: true, where });
  const objectIds = inOrder(answer.objectIds);
  const isDouble = objectIds.length < answer.objectIds.length;
  return { objectIds, isDouble, isCut: answer.exceededTransferLimit === true };
}

/** Some servers give no more ids than rows in one answer, and not all of them say so. */
async function listBeyond(ask: Ask, objectIdField: string, some: Listed): Promise<Listed> {
  let all = some;
  for (;;) {
    const last = all.objectIds.at(-1);
    if (last === undefined) return all;
    const found = await listIds(ask, `${objectIdField} > ${last}`);
    const more = found.objectIds.filter((id) => id > last);
    if (more.length === 0) return all;
    const isDouble = all.isDouble === true || found.isDouble === true;
    all = { objectIds: [...all.objectIds, ...more], isDouble, isCut: found.isCut };
  }
}

function inOrder(all: readonly number[]): number[] {
  return [...new Set(all)].sort((a, b) => a - b);
}

function isSame({ objectIds: some }: RowIds, { objectIds: others }: RowIds): boolean {
  return some.length === others.length && some.every((id, n) => id === others[n]);
}
