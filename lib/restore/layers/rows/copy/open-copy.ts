import { isCode } from '../../../../errors.ts';
import type { HostedService } from '../../../../arcgis/layers/hosted-service.ts';
import type { Part } from '../../../../backup/item.ts';
import { oneLine } from '../../../../backup/words.ts';
import type { Version } from '../../../version.ts';
import { layersOfVersion } from '../documents.ts';
import type { RowSource, SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';
import { layerOfCopy, tableOf } from './copied-rows.ts';
import { nameOf, type Copying } from './copying.ts';
import { fileOf, serviceOf } from './make-copy.ts';
import { proveFiles, proveKeys, proveLayer, unproven } from './proof.ts';

/** The file geodatabase of a version; undefined where it has none. */
export function geodatabaseOf({ manifest }: Version): Part | undefined {
  return manifest.parts.find(
    ({ role, path }) => role === 'export' && !path.startsWith('features/') && /\.zip$/i.test(path),
  );
}

/**
 * Makes a private service of the file geodatabase of a version, which only the portal can read, and proves that it holds what the
 * version holds; one that was proven before is opened again. Nothing that lives is touched. Throws RESTORE_COPY.
 */
export async function openCopy(copying: Copying, version: Version, part: Part, work: RowsWork): Promise<RowSource> {
  const proven = await provenIn(copying, version, work);
  if (proven !== undefined) return { layers: await layersIn(copying, version, proven.service, proven.fileId) };
  const fileId = await fileOf(copying, version, part);
  const item = await serviceOf(copying, version, fileId, work);
  const layers = await layersIn(copying, version, await copying.restorer.portal.hosted(item), fileId);
  for (const layer of layers) {
    const saved = version.manifest.layers?.find(({ id }) => id === layer.id);
    if ((saved?.attachments ?? 0) > 0) await proveFiles(layer, saved?.attachments ?? 0, work);
  }
  await proveKeys(layers);
  await work.note({ is: 'copied', tree: version.tree, fileId, itemId: item.id });
  return { layers };
}

/** The copy that was proven before, where it is still there: its rows have the global ids that they had then. */
async function provenIn({ restorer, mark }: Copying, version: Version, { notes }: RowsWork) {
  const copied = notes.findLast((each) => each.is === 'copied' && each.tree === version.tree);
  if (copied?.is !== 'copied') return undefined;
  try {
    const item = await restorer.portal.item(copied.itemId);
    const file = item && (await restorer.portal.item(copied.fileId));
    if (item?.title !== nameOf(version, mark) || file === undefined) return undefined;
    return { service: await restorer.portal.hosted(item), fileId: copied.fileId };
  } catch (error) {
    if (!isCode(error, 'PORTAL_REFUSED', 'ITEM_GONE')) throw error;
    return undefined;
  }
}

async function layersIn(
  { archive }: Copying,
  version: Version,
  service: HostedService,
  fileId: string,
): Promise<SourceLayer[]> {
  const defined = await layersOfVersion(archive, version);
  const layers: SourceLayer[] = [];
  for (const { info, traits } of defined) {
    const saved = version.manifest.layers?.find(({ id }) => id === info.id);
    const table = tableOf(service, info.name, defined.length);
    if (table === undefined && (saved?.rows ?? 0) === 0) continue;
    if (table === undefined) throw unproven(`it lacks the layer ${oneLine(info.name, 60)}`);
    const layer = await layerOfCopy(table, { info, traits }, fileId);
    proveLayer(layer, traits.globalIdField !== undefined, saved?.rows ?? null);
    layers.push(layer);
  }
  return layers;
}
