import { needItem } from '../aspects/aspect.ts';
import { rowsHindrance } from '../plan/rows.ts';
import { plannedItem } from '../under-way.ts';
import { goingOf } from './compare-loaded.ts';
import { serviceOf, type Rows } from './rows-of.ts';
import { compareRows, type ComparedSoFar, type Going } from './rows/compare/compare.ts';
import type { LayerComparison } from './rows/compare/tally.ts';
import { differencesOfRows } from './rows/compare/words.ts';
import type { RowSource } from './rows/source.ts';

/**
 * Does the layer have the rows of the version already? Of what came out of the recycle bin, and of what only the portal can read, nobody
 * knew that when the restore was planned; where it has them, none of them loses its ids for nothing. Throws RESTORE_ROWS where they are
 * others and cannot be replaced, PORTAL_…, PartOver.
 */
export async function isAsItWas(rows: Rows, source: RowSource): Promise<boolean> {
  const { under, target, wish, note } = rows;
  const isOfBin = plannedItem(under, target.version.itemId).mode === 'bin';
  // The plan has compared what the archive itself can read.
  if (!isOfBin && source.layers.every(({ copy }) => copy === undefined)) return false;
  const service = await serviceOf(rows);
  const found = await unlessOther(goingOf(rows), (going) => compareRows(service, source, {}, going));
  const differences = found && differencesOfRows(found);
  const isSame = differences?.every(({ equivalent }) => equivalent === true) === true;
  if (differences !== undefined && isSame && (isOfBin || differences.length === 0)) {
    await note({ is: 'loaded', differences });
    return true;
  }
  if (!isOfBin) return false;
  const replicas = /\bsync\b/i.test(service.capabilities) ? await target.portal.replicas(await needItem(target)) : 0;
  const hindrance = rowsHindrance({ rows: wish, saved: source.layers, service, replicas });
  if (hindrance !== undefined) throw hindrance;
  return false;
}

/** One row that is another one is enough to know. */
class OtherRows extends Error {}

/** Undefined as soon as rows are found to be others. */
async function unlessOther(
  { soFar, rest }: Going,
  compare: (going: Going) => Promise<LayerComparison[]>,
): Promise<LayerComparison[] | undefined> {
  try {
    return await compare({
      soFar,
      rest: async (now) => {
        if (isOther(now)) throw new OtherRows();
        await rest(now);
      },
    });
  } catch (error) {
    if (!(error instanceof OtherRows)) throw error;
    return undefined;
  }
}

function isOther({ done, under }: ComparedSoFar): boolean {
  return [...done, ...(under ? [under.found] : [])].some(
    ({ missing, changed, then, now }) => missing > 0 || changed > 0 || now !== then,
  );
}
