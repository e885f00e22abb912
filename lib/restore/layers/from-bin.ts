import { needItem } from '../aspects/aspect.ts';
import { rowsHindrance } from '../plan/rows.ts';
import { plannedItem } from '../under-way.ts';
import { goingOf } from './compare-loaded.ts';
import { serviceOf, type Rows } from './rows-of.ts';
import { compareRows } from './rows/compare/compare.ts';
import { differencesOfRows } from './rows/compare/words.ts';
import type { RowSource } from './rows/source.ts';

/**
 * Did the layer come out of the recycle bin with the rows of the version? It was not there to be compared when the restore was planned;
 * mostly it has them, and then none of them loses its ids for nothing. Throws RESTORE_ROWS where they are others and cannot be
 * replaced, PORTAL_…, PartOver.
 */
export async function isBackAsItWas(rows: Rows, source: RowSource): Promise<boolean> {
  const { under, target, wish, note } = rows;
  if (plannedItem(under, target.version.itemId).mode !== 'bin') return false;
  const service = await serviceOf(rows);
  const differences = differencesOfRows(await compareRows(service, source, {}, goingOf(rows)));
  if (differences.every(({ equivalent }) => equivalent === true)) {
    await note({ is: 'loaded', differences });
    return true;
  }
  const replicas = /\bsync\b/i.test(service.capabilities) ? await target.portal.replicas(await needItem(target)) : 0;
  const hindrance = rowsHindrance({ rows: wish, saved: source.layers, service, replicas });
  if (hindrance !== undefined) throw hindrance;
  return false;
}
