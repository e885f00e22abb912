import type { Download } from '../../../arcgis/content/download.ts';
import type { Portal } from '../../../arcgis/portal.ts';
import { exportExtension, type ExportFormat } from '../../../backup/formats.ts';
import type { Unproven } from '../item-result.ts';
import { proveRows, withAttachments } from '../../../backup/layers/row-proof.ts';
import type { Item, SavedLayer } from '../../../backup/item.ts';
import { note, type Note } from '../../../backup/notes.ts';
import { BackupError, isCode } from '../../../errors.ts';
import { runBlobs } from '../../../archive/runs/run-blobs.ts';
import { readJson, writeFirst } from '../../../storage/json-blobs.ts';
import { TableCounter } from './export-tables.ts';
import type { Fetcher } from '../fetcher.ts';
import { exportName } from '../../../backup/names/part-names.ts';
import { isRefresh } from '../../../backup/found.ts';
import { stagePart, type ItemDeps, type Taken } from '../stage-part.ts';
import type { Deps } from '../../deps.ts';

/** An export that lies in the portal. */
export interface TemporaryExport {
  exportItemId: string;
  format: ExportFormat;
  /** the second time, because the service was edited during the first */
  again: boolean;
}

/** What came out of an export, and what its service held. */
interface Exported {
  taken: Taken;
  layers: readonly SavedLayer[];
  notes: readonly Note[];
}

/** An export that is not taken for the backup of its layers. */
export class UnprovenExport extends BackupError {
  readonly unproven: Unproven['unproven'];

  constructor(unproven: Unproven['unproven'], message: string) {
    super('EXPORT_FAILED', message);
    this.unproven = unproven;
  }
}

/** Counts what a service holds before its export is started. Executed again it asks nothing: what was counted first counts. */
export async function countBefore(
  deps: Deps,
  { runId, format, again }: { runId: string; format: ExportFormat; again: boolean },
  item: Item,
): Promise<void> {
  const name = runBlobs(runId).counted(item.id, format, again);
  if ((await deps.store.stat(name)) !== undefined) return;
  const portal = await deps.portal(runId);
  await writeFirst(deps.store, name, await portal.countRows(item));
}

/** The export of a hosted layer that lies in the portal, under a name that no other part of the item has. */
export const fetchExport: Fetcher = async ({ deps, runId, exported, found, into }) => {
  if (exported === undefined || found.notOwn !== undefined || isRefresh(found)) return;
  into.unfinished.handOver();
  const names = [...into.taken.map(({ part }) => part), ...into.kept].map(({ path }) => path);
  const name = (extension: string) => exportName(found.item, extension, names);
  const { taken, layers, notes } = await takeExport(deps, { runId, exported }, found.item, name);
  into.add(taken);
  for (const each of notes) into.add(each);
  into.layers = layers;
};

/**
 * Takes in what a temporary export holds, if it holds the rows that the service counted before and after it. Throws
 * UnprovenExport when it does not open or rows are lacking, and when rows came or went the first time it is tried.
 */
async function takeExport(
  deps: ItemDeps,
  { runId, exported }: { runId: string; exported: TemporaryExport },
  item: Item,
  name: (extension: string) => string,
): Promise<Exported> {
  const { format, again } = exported;
  const portal = await deps.portal(runId);
  const after = await portal.countRows(item);
  const before = (await readJson<SavedLayer[]>(deps.store, runBlobs(runId).counted(item.id, format, again))) ?? after;
  const counter = new TableCounter();
  const taken = await takeFile(deps, portal, exported, counter, name);
  const tables = counter.tables();
  const proof = proveRows(before, after, tables);
  if (proof.is === 'lacking')
    throw new UnprovenExport('lacking', `The portal's export does not hold the layers: ${proof.why}.`);
  if (proof.is === 'moved' && !again)
    throw new UnprovenExport('moved', 'Rows were added or deleted while the layers were exported.');
  // Of what was counted before, so that the next run sees what came after.
  const layers = withAttachments(before, tables);
  if (proof.is === 'moved') return { taken, layers, notes: [moved] };
  if (proof.is !== 'unknown') return { taken, layers, notes: [] };
  return { taken, layers, notes: [note('ROWS_NOT_COUNTED', `Rows of the export were not counted: ${proof.why}.`)] };
}

const moved = note(
  'ROWS_MOVED',
  'Rows were added or deleted while the layers were exported, also when that was repeated: the export may lack the newest.',
);

async function takeFile(
  deps: ItemDeps,
  portal: Portal,
  exported: TemporaryExport,
  counter: TableCounter,
  name: (extension: string) => string,
): Promise<Taken> {
  const { format } = exported;
  const found = await download(portal, exported);
  if (found === undefined || found.size === 0)
    throw new UnprovenExport('lacking', 'The portal exported an empty file.');
  const extension = exportExtension(format, found.contentType);
  const isZip = extension === 'zip';
  const demand = format === 'File Geodatabase' ? 'geodatabase' : isZip ? 'zip' : undefined;
  const body = isZip ? found.body : counter.pass(found.body);
  try {
    return await stagePart(
      deps,
      'export',
      { ...found, body, listen: () => counter.listen() },
      () => name(extension),
      demand,
    );
  } catch (error) {
    if (!isCode(error, 'ITEM_DAMAGED', 'ITEM_TRUNCATED')) throw error;
    throw new UnprovenExport('lacking', `The portal's export is damaged: ${error.message}`);
  }
}

/** That the export is there no more says nothing of the item: an earlier execution deleted it, or a member did. */
async function download(portal: Portal, { exportItemId, again }: TemporaryExport): Promise<Download | undefined> {
  try {
    return await portal.download(exportItemId, 'data');
  } catch (error) {
    if (!isCode(error, 'ITEM_GONE')) throw error;
    throw new UnprovenExport(again ? 'lacking' : 'moved', 'The export was deleted before it was saved.');
  }
}
