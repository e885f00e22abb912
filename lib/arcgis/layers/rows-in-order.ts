import { createHash } from 'node:crypto';
import { isCode } from '../../errors.ts';
import { asked, mostRows, page, rowsOf, type Ask, type Page } from './feature-pages.ts';
import type { Form, LayerInfo } from './layer-info.ts';
import { rowsCounted } from './row-ids.ts';
import { moved, short, type WrongCount } from './row-trouble.ts';

/** What a reading without ids found, for the next one to be compared with. */
export interface Reading {
  /** of all its rows */
  digest?: string;
  /** its rows were not as many as the service counted before and after */
  wrong?: WrongCount | undefined;
}

/**
 * The rows of a layer that has no object ids, in the order of their values: only so do pages fit together. It goes on to an
 * empty page, for the count may be too low. Throws LISTING_INCOMPLETE when they are not as many as the service counts before and
 * after, unless the reading before had the same rows: then the count is wrong. Throws ITEM_TRUNCATED when the service has
 * more and does not turn its pages.
 * @param reading the one before; becomes this one
 */
export async function* readInOrder(ask: Ask, info: LayerInfo, form: Form, reading: Reading): AsyncGenerator<Page> {
  const expected = await rowsCounted(ask);
  const turn = turner(ask, info, form);
  const all = createHash('sha256');
  let first: string | undefined;
  let rows = 0;
  for (;;) {
    const found = await turn(rows, rows === expected);
    const digest = sha(JSON.stringify(found?.features ?? []));
    // A server that knows no pages gives the first one again.
    if (found === undefined || found.features.length === 0 || (digest === first && rows === expected)) break;
    if (digest === first) throw short(`it counts ${expected}, and gives the same ${rows} again`);
    first ??= digest;
    all.update(digest);
    rows += found.features.length;
    yield { rows: rowsOf(found.features, undefined, form), spatialReference: found.spatialReference };
  }
  const counted = await rowsCounted(ask);
  const before = { ...reading };
  Object.assign(reading, { digest: all.digest('hex'), wrong: undefined });
  if (rows === expected && rows === counted) return;
  reading.wrong = { counted, rows };
  if (rows === 0 && expected === counted) throw short(`it counts ${counted} and gives none`);
  if (before.wrong?.counted !== counted || before.digest !== reading.digest || expected !== counted) throw moved();
}

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** Turns pages. Undefined where no further page can be asked for, and none is needed. */
function turner(ask: Ask, info: LayerInfo, form: Form) {
  const order = info.fields.filter(({ type }) => isOrdered.test(type)).map(({ name }) => name);
  return async (rows: number, isEnough: boolean) => {
    if (order.length === 0 && rows > 0) {
      if (isEnough) return undefined;
      throw short(`it gives ${rows} at once, and nothing by which the others could be put in order`);
    }
    try {
      return await ask(page, {
        ...asked(info, form),
        ...(order.length > 0 && { orderByFields: order.join(',') }),
        // Not every server knows pages, and the first needs none.
        ...(rows > 0 && { resultOffset: rows, resultRecordCount: Math.min(info.maxRecordCount, mostRows) }),
      });
    } catch (error) {
      if (!isEnough || rows === 0 || !isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_REFUSED')) throw error;
      return undefined;
    }
  };
}

const isOrdered = /^esriFieldType(SmallInteger|Integer|BigInteger|Single|Double|String|Date|DateOnly|GUID|GlobalID)$/;
