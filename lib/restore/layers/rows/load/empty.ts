import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import { isUncertain } from '../../../../arcgis/writing/writer.ts';
import { BackupError, isCode } from '../../../../errors.ts';
import type { RowsWork } from '../work.ts';

/** How often emptying is begun again. */
const mostTries = 3;

/** Deletes all rows of a layer, with their files. Throws RESTORE_REFUSED. */
export async function emptyTable(work: RowsWork, service: HostedService, table: HostedTable): Promise<void> {
  if (await isSettled(work, table, 0)) return;
  for (let tries = 1; tries <= mostTries; tries++) {
    try {
      if (table.traits.mayTruncate && tries === 1) await work.services.truncate(service.address, table.info.id);
      else await deleteAll(work, service, table);
    } catch (error) {
      // What may not be truncated, whatever it says, is emptied row by row.
      if (!isUncertain(error) && !(isCode(error, 'RESTORE_REFUSED') && tries === 1)) throw error;
    }
    if (await isSettled(work, table, 0)) return;
  }
  throw new BackupError('RESTORE_REFUSED', `Layer ${table.info.name} could not be emptied.`);
}

/** Rows that go with one request. */
const mostDeleted = 1000;

async function deleteAll({ services, rest }: RowsWork, { address }: HostedService, { info, objectIds }: HostedTable) {
  const ids = await objectIds();
  for (let n = 0; n < ids.length; n += mostDeleted) {
    const last = ids[Math.min(n + mostDeleted, ids.length) - 1] ?? 0;
    await services.deleteWhere(address, info.id, `${info.objectIdField ?? 'OBJECTID'} <= ${last}`);
    await rest();
  }
}

/** ms between two looks at a number of rows that should be another one by now. */
const pauses = [0, 1000, 2000, 5000];

/** Has a layer so many rows, now or in a while? */
export async function isSettled({ clock }: RowsWork, table: HostedTable, wanted: number): Promise<boolean> {
  for (const pause of pauses) {
    if (pause > 0) await clock.sleep(pause);
    const count = await table.count();
    if (count === wanted) return true;
    if (pause === 0 && wanted === 0 && count > 0) return false;
  }
  return false;
}
