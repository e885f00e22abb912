import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import type { JobWatch } from '../../../../arcgis/writing/service-job.ts';
import { isUncertain } from '../../../../arcgis/writing/writer.ts';
import { isCode } from '../../../../errors.ts';
import type { RowsNote } from '../../../journal/entries.ts';
import { ownFields } from '../row.ts';
import { hasRows } from '../identity.ts';
import type { SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';
import { isSettled } from './empty.ts';
import { isByIds } from './pieces.ts';

/** Can a layer be loaded at once? Without global ids nobody could tell which row is which afterwards. */
export function mayAppend(table: HostedTable, layer: SourceLayer): boolean {
  return layer.loading !== undefined && table.traits.mayAppend && isByIds(table, layer) && layer.count > 0;
}

/** The job that loads the layer, as far as it is written down; undefined where none does. */
export function appendingIn(notes: readonly RowsNote[], layer: number): { job: string | null } | undefined {
  const last = notes.findLast((each) => (each.is === 'appending' || each.is === 'by-pieces') && each.layer === layer);
  return last?.is === 'appending' ? last : undefined;
}

/**
 * Loads a table of a file at once, or goes on waiting for that. False where it did not go well; what rows there are then is unknown.
 * @param begun a job that was begun before; its address where that is known
 */
export async function append(
  work: RowsWork,
  service: HostedService,
  table: HostedTable,
  layer: SourceLayer,
  begun: { job: string | null } | undefined,
): Promise<boolean> {
  const { services, note, rest } = work;
  const { id } = table.info;
  const watch: JobWatch = { begun: (job) => note({ is: 'appending', layer: id, job }), looked: () => rest() };
  const { loading } = layer;
  if (loading === undefined) return false;
  try {
    if (begun === undefined) {
      await note({ is: 'appending', layer: id, job: null });
      await services.append(service.address, id, { ...loading, fields: mappingOf(table, layer) }, watch);
    } else if (begun.job === null) await waitForQuiet(work, table);
    else await services.follow(service.address, id, begun.job, watch);
  } catch (error) {
    if (!isUncertain(error) && !isCode(error, 'RESTORE_REFUSED')) throw error;
    await waitForQuiet(work, table);
  }
  return (await isSettled(work, table, layer.count)) && (await hasFirstPage(table, layer));
}

/** The table has the version's names; the layer may write them otherwise, or lack some. */
function mappingOf({ info, traits }: HostedTable, layer: SourceLayer): { name: string; source: string }[] {
  const now = new Map(ownFields(info, traits).map((name) => [name.toLowerCase(), name]));
  const own = ownFields(layer.info, layer.traits).flatMap((source) => {
    const name = now.get(source.toLowerCase());
    return name === undefined ? [] : [{ name, source }];
  });
  const [name = 'GlobalID', source = name] = [traits.globalIdField, layer.info.fields.find(isGlobalId)?.name];
  return [...own, { name, source }];
}

const isGlobalId = ({ type }: { type: string }) => type === 'esriFieldTypeGlobalID';

/** Did the rows keep their global ids? Those of the first page tell of all (restore.md 2.2). */
async function hasFirstPage(table: HostedTable, layer: SourceLayer): Promise<boolean> {
  for await (const page of layer.pages()) return (await hasRows(table, layer, page)) === page.length;
  return true;
}

/** ms without a change after which a job that was lost sight of is taken to be over. */
const quiet = 60_000;
const longestWait = 3_600_000;

/** A job whose address was lost may still be loading. */
async function waitForQuiet({ clock, rest }: RowsWork, table: HostedTable): Promise<void> {
  let count = await table.count();
  for (let waited = 0; waited < longestWait; waited += quiet) {
    await clock.sleep(quiet);
    const now = await table.count();
    if (now === count) return;
    count = now;
    await rest();
  }
}
