import { isCode } from '../../errors.ts';
import { asked, page, rowOf, valueIn, type Ask, type Row } from './feature-pages.ts';
import type { Form, LayerInfo } from './layer-info.ts';

/** Rows asked for in one request, at most. */
const mostIds = 500;

/** How a layer writes its global ids. */
interface Spelling {
  hasBraces: boolean;
  isUpper: boolean;
}

/** A global id in one spelling: small letters without braces. */
export function bareId(globalId: string): string {
  return globalId.replace(/[{}]/g, '').toLowerCase();
}

/**
 * Finds rows by their global ids, however these are spelled. Most services compare them as ids, some as text: so they are asked for as
 * the layer writes them, and what is not found then once more in the other letters, for rows that were added with their ids keep those
 * of whoever added them. A row that is there and not found would be added a second time.
 */
export function byGlobalIds(ask: Ask, info: LayerInfo, field: string) {
  let learned: Spelling | undefined;
  return async (globalIds: readonly string[], form: Form): Promise<Row[]> => {
    const wanted = [...new Set(globalIds.map(bareId))];
    if (wanted.length === 0) return [];
    const spelling = (learned ??= await spellingOf(ask, info, field));
    if (spelling === undefined) return [];
    const find = (ids: readonly string[], spelled: Spelling) =>
      readAll(ask, info, (some) => conditionOf(field, some, spelled), ids, form);
    const found = await find(wanted, spelling);
    const there = new Set(found.map(({ values }) => bareId(textOf(values, field))));
    const lacking = wanted.filter((id) => !there.has(id) && /[a-f]/.test(id));
    return [...found, ...(await find(lacking, { ...spelling, isUpper: !spelling.isUpper }))];
  };
}

/** As its first row has it. Undefined where there is no row: then there is none to be found, and those to come may be spelled in any way. */
async function spellingOf(ask: Ask, info: LayerInfo, field: string): Promise<Spelling | undefined> {
  const params = { where: '1=1', outFields: field, returnGeometry: false, resultRecordCount: 1, f: 'json' };
  const [first] = (await ask(page, params)).features;
  if (first === undefined) return undefined;
  const id = textOf(rowOf(first, info.objectIdField).values, field);
  return { hasBraces: id.startsWith('{'), isUpper: /[A-F]/.test(id) };
}

function textOf(values: Row['values'], field: string): string {
  const value = valueIn(values, field);
  return typeof value === 'string' ? value : '';
}

function conditionOf(field: string, ids: readonly string[], { hasBraces, isUpper }: Spelling): string {
  const spelled = ids.map((id) => (isUpper ? id.toUpperCase() : id)).map((id) => (hasBraces ? `{${id}}` : id));
  return `${field} IN (${spelled.map((id) => `'${id.replaceAll("'", "''")}'`).join(',')})`;
}

/** More rows than are asked for there cannot be, so what has fewer was cut, or they are gone: that is asked in halves. */
async function readAll(
  ask: Ask,
  info: LayerInfo,
  condition: (ids: readonly string[]) => string,
  ids: readonly string[],
  form: Form,
): Promise<Row[]> {
  if (ids.length === 0) return [];
  const most = Math.max(1, Math.min(info.maxRecordCount, mostIds));
  if (ids.length <= most) {
    const rows = await readSome(ask, info, condition(ids), form, ids.length === 1);
    if (rows !== undefined) return rows;
  }
  const step = ids.length > most ? most : Math.ceil(ids.length / 2);
  const found: Row[] = [];
  for (let n = 0; n < ids.length; n += step)
    found.push(...(await readAll(ask, info, condition, ids.slice(n, n + step), form)));
  return found;
}

/** Undefined: less is to be asked for. */
async function readSome(
  ask: Ask,
  info: LayerInfo,
  where: string,
  form: Form,
  isOne: boolean,
): Promise<Row[] | undefined> {
  try {
    const { features, ...more } = await ask(page, { ...asked(info, form), where });
    if (more['exceededTransferLimit'] === true && !isOne) return undefined;
    return features.map((each) => rowOf(each, info.objectIdField));
  } catch (error) {
    if (isOne || !isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER')) throw error;
    return undefined;
  }
}
