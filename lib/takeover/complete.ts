import { isCode } from '../errors.ts';
import { reach, tableReader } from '../git/reachable.ts';
import { Packs } from '../git/pack/packs.ts';
import type { OldArchive } from './old-archive.ts';
import { looseOf } from './loose.ts';
import { damagedSource } from './refusals.ts';

/**
 * Throws TAKEOVER_REFUSED where the old commits name anything that is not there: the new archive would have a history that nobody can
 * clone. Commits and folders are read; of files it is looked whether they are there.
 */
export async function refuseIncomplete({
  store,
  packs,
  tip,
}: Pick<OldArchive, 'store' | 'packs' | 'tip'>): Promise<void> {
  const table = await new Packs(store, packs).table().catch(tell);
  const found = await reach(tableReader(store, table), table, [tip.oid]).catch(tell);
  for await (const { oid } of looseOf(store)) found.loose.delete(oid);
  const [missing] = found.loose;
  if (missing !== undefined) throw damagedSource(store, `The object ${missing} is missing.`);

  function tell(error: unknown): never {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    throw damagedSource(store, error.message, error);
  }
}
