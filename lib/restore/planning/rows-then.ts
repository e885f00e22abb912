import type { HostedService } from '../../arcgis/layers/hosted-service.ts';
import type { Item } from '../../backup/item.ts';
import { stampOf } from '../../backup/stamp.ts';
import type { Failure } from '../../errors.ts';
import { editsOf } from '../layers/edits.ts';
import { compareRows } from '../layers/rows/compare/compare.ts';
import type { LayerComparison } from '../layers/rows/compare/tally.ts';
import { differencesOfRows } from '../layers/rows/compare/words.ts';
import { geodatabaseOf } from '../layers/rows/copy/open-copy.ts';
import { documentsOf, layersOfVersion, openDocuments } from '../layers/rows/documents.ts';
import { rowsHindrance } from '../plan/rows.ts';
import type { Version } from '../version.ts';
import type { Difference, PlannedLayer } from '../words.ts';
import type { Planning } from './planning.ts';

/** What is to be done with the rows of a hosted layer that lives. */
export interface RowsPlan {
  differences: Difference[];
  blocked: Failure | null;
  layers: PlannedLayer[];
  edits: string;
}

/**
 * Compares the rows of a living layer with those of a version; nothing is changed. What lies in a file geodatabase only the portal can
 * read, so of that it says only whether rows were edited since. Undefined where the version has no rows of its own.
 */
export async function rowsThen(planning: Planning, version: Version, item: Item): Promise<RowsPlan | undefined> {
  const { portal, deps, wish } = planning;
  const isSaved = documentsOf(version).length > 0 || geodatabaseOf(version) !== undefined;
  const service = isSaved ? await portal.hosted(item) : undefined;
  if (service === undefined || service.isView) return undefined;
  const edits = await editsOf(portal, item);
  const rows = wish.rows ?? { how: 'all' };
  const saved = await layersOfVersion(deps.run, version);
  const hindrance = rowsHindrance({ rows, saved, service, replicas: await replicasOf(planning, item, service) });
  const nothing = { differences: [], layers: [], edits };
  if (hindrance !== undefined) return { ...nothing, blocked: hindrance.toJSON() };
  const isAsThen = stampOf(item.modified, await portal.dates(item)) === version.manifest.stamp;
  if (isAsThen) return { ...nothing, blocked: null };
  if (documentsOf(version).length === 0) return { ...unread(version), edits, blocked: null };
  const compared = await compareRows(service, await openDocuments(deps.run, version), { fields: rows.fields });
  const layers = compared.map(plannedLayer);
  const told = rows.how === 'missing' ? compared.map((each) => ({ ...each, changed: 0, stamped: 0 })) : compared;
  const differences = differencesOfRows(told, rows.how === 'all' || rows.how === 'exact');
  if (rows.how === 'all') warnOfLoss(planning, version, compared, service);
  return { differences, layers, edits, blocked: null };
}

async function replicasOf({ portal }: Planning, item: Item, { capabilities }: HostedService): Promise<number> {
  return /\bsync\b/i.test(capabilities) ? portal.replicas(item) : 0;
}

function unread(version: Version): Pick<RowsPlan, 'differences' | 'layers'> {
  const layers = version.manifest.layers ?? [];
  const rows = layers.reduce((sum, each) => sum + (each.rows ?? 0), 0);
  const what = `${rows} rows in ${layers.length} layers; they were edited since, and are compared with a private copy of the version before anything is changed`;
  return {
    differences: [{ part: 'rows', what }],
    layers: layers.map(({ id, name, rows: then }) => ({
      id,
      name,
      then,
      now: null,
      missing: null,
      changed: null,
      added: null,
      first: [],
    })),
  };
}

function plannedLayer({ id, name, then, now, missing, changed, added, first }: LayerComparison): PlannedLayer {
  return { id, name, then, now, missing, changed, added, first };
}

function warnOfLoss(
  { warnings }: Planning,
  { itemId }: Version,
  all: readonly LayerComparison[],
  service: HostedService,
) {
  const added = all.reduce((sum, each) => sum + each.added, 0);
  if (added > 0)
    warnings.push({
      code: 'NEWER',
      itemId,
      message: `${added} rows that were added since go; --rows missing or changed keeps them.`,
    });
  if (service.hasViews)
    warnings.push({ code: 'NEWER', itemId, message: 'Its views show nothing while its rows are loaded.' });
}
