import type { Item, Part } from '../../../backup/item.ts';
import { tableKey } from '../../../backup/layers/row-proof.ts';
import { oneLine } from '../../../backup/report.ts';
import { BackupError } from '../../../errors.ts';
import { isUncertain } from '../../../arcgis/writing/writer.ts';
import type { HostedService } from '../../../arcgis/layers/hosted-service.ts';
import type { Row } from '../../../arcgis/layers/feature-pages.ts';
import { largest, sendParts } from '../../aspects/large-file.ts';
import { placeOf } from '../../aspects/aspect.ts';
import type { Restorer } from '../../deps.ts';
import { marksFor } from '../../create.ts';
import type { Archive } from '../../../archive/archive.ts';
import type { Clock } from '../../../clock.ts';
import { noMap } from '../../references/id-map.ts';
import { bytesOf, type Version } from '../../version.ts';
import { layersOfVersion } from './documents.ts';
import { bareId, globalIdOf, valueOf, type Written } from './row.ts';
import { wholeOf, type RowSource, type SourceFile, type SourceLayer } from './source.ts';

/** Who makes a copy, and under whose mark. */
export interface Copying {
  archive: Archive;
  restorer: Restorer;
  clock: Clock;
  account: string;
  /** of the restore */
  mark: string;
}

/** The name of the file and of the service, by which both are found again. */
function nameOf(itemId: string, mark: string): string {
  return `zz_restore_${itemId.slice(0, 8)}_${mark}`;
}

/** The file geodatabase of a version; undefined where it has none. */
export function geodatabaseOf({ manifest }: Version): Part | undefined {
  return manifest.parts.find(
    ({ role, path }) => role === 'export' && !path.startsWith('features/') && /\.zip$/i.test(path),
  );
}

/**
 * Makes a private service of the file geodatabase of a version, which only the portal can read, and proves that it holds what the
 * version holds. Nothing that lives is touched. Throws RESTORE_COPY.
 */
export async function openCopy(copying: Copying, version: Version, part: Part): Promise<RowSource> {
  const { portal } = copying.restorer;
  const defined = await layersOfVersion(copying.archive, version);
  const fileId = await fileOf(copying, version, part);
  const item = await serviceOf(copying, version.itemId, fileId);
  const service = await portal.hosted(item);
  const layers: SourceLayer[] = [];
  for (const { info, traits } of defined) {
    const saved = version.manifest.layers?.find(({ id }) => id === info.id);
    const table = tableOf(service, info.name, defined.length);
    if (table === undefined && (saved?.rows ?? 0) === 0) continue;
    if (table === undefined) throw unproven(`it lacks the layer ${oneLine(info.name, 60)}`);
    const layer = await layerOf(table, { info, traits }, fileId);
    prove(layer, traits.globalIdField !== undefined, saved?.rows ?? null);
    if ((saved?.attachments ?? 0) > 0) await proveFiles(layer, saved?.attachments ?? 0);
    layers.push(layer);
  }
  await proveKeys(layers);
  return { layers };
}

/** The portal may name layers after their tables. */
function tableOf({ tables }: HostedService, name: string, count: number): HostedService['tables'][number] | undefined {
  const found = tables.find(({ info }) => tableKey(info.name) === tableKey(name));
  return found ?? (count === 1 && tables.length === 1 ? tables[0] : undefined);
}

async function layerOf(
  table: HostedService['tables'][number],
  { info, traits }: Pick<SourceLayer, 'info' | 'traits'>,
  itemId: string,
): Promise<SourceLayer> {
  let written: Written = { form: 'esri', spatialReference: table.info.spatialReference };
  const pages = async function* (): AsyncGenerator<readonly Row[]> {
    for await (const { rows, spatialReference } of table.pages('esri')) {
      written = { form: 'esri', spatialReference: spatialReference ?? table.info.spatialReference };
      yield rows;
    }
  };
  return {
    id: info.id,
    name: info.name,
    info,
    traits: { ...traits, globalIdField: traits.globalIdField && table.traits.globalIdField },
    written: () => written,
    count: await table.count(),
    pages,
    files: () => filesOf(table),
    // As an export names its tables.
    loading: { itemId, table: info.name.replace(/[^\p{L}\p{N}_]/gu, '_') },
  };
}

/** Rows of which the files are asked for at a time. */
const mostRows = 200;

async function* filesOf(table: HostedService['tables'][number]): AsyncGenerator<SourceFile> {
  if (!table.info.hasAttachments) return;
  const ids = await table.objectIds();
  for (let n = 0; n < ids.length; n += mostRows)
    for await (const file of table.files(ids.slice(n, n + mostRows)))
      yield {
        ...file,
        globalId: file.globalId && bareId(file.globalId),
        open: async () => wholeOf(await file.open()),
      };
}

function prove(layer: SourceLayer, hadIds: boolean, rows: number | null): void {
  const name = oneLine(layer.name, 60);
  if (rows !== null && rows !== layer.count) throw unproven(`${name} has ${layer.count} rows in place of ${rows}`);
  if (hadIds && layer.traits.globalIdField === undefined) throw unproven(`${name} has no global ids`);
}

async function proveFiles(layer: SourceLayer, wanted: number): Promise<void> {
  let count = 0;
  for await (const _file of layer.files()) count += 1;
  if (count !== wanted) throw unproven(`${oneLine(layer.name, 60)} has ${count} attachments in place of ${wanted}`);
}

/** Where rows of one layer carry the global ids of another's, a copy with other ids would show here. */
async function proveKeys(layers: readonly SourceLayer[]): Promise<void> {
  for (const layer of layers)
    for (const { layer: id, isOrigin, key } of layer.traits.relationships) {
      const origin = layers.find((each) => each.id === id);
      const field = origin?.traits.globalIdField;
      const back = origin?.traits.relationships.find((each) => each.isOrigin && each.layer === layer.id);
      if (isOrigin || origin === undefined || field === undefined || back?.key !== field) continue;
      const known = new Set<string>();
      for await (const page of origin.pages()) for (const row of page) known.add(globalIdOf(row, origin.traits) ?? '');
      let [met, lost] = [0, 0];
      for await (const page of layer.pages())
        for (const row of page) {
          const value = valueOf(row, key);
          if (typeof value !== 'string') continue;
          if (known.has(bareId(value))) met++;
          else lost++;
        }
      if (met === 0 && lost > 0) throw unproven(`${oneLine(origin.name, 60)} has other global ids than the version`);
    }
}

function unproven(why: string): BackupError {
  return new BackupError(
    'RESTORE_COPY',
    `What the portal made of the file geodatabase is not the version: ${why}. Nothing that lives was touched.`,
  );
}

/** The file of the version as an item; one that is there already is taken. */
async function fileOf(copying: Copying, version: Version, part: Part): Promise<string> {
  const { restorer, archive, clock, account, mark } = copying;
  const name = nameOf(version.itemId, mark);
  const known = (await temporary(copying, version.itemId)).find(({ type }) => type === 'File Geodatabase');
  // One whose parts did not all come is as good as none.
  if (known?.size === part.size) return known.id;
  const marks = [...marksFor(version.itemId, mark), 'restore-temporary'];
  const fields = { title: name, type: 'File Geodatabase', tags: 'restore', typeKeywords: marks.join(',') };
  const fileName = `${name}.zip`;
  if (known !== undefined) await restorer.writing.remove(placeOf(known), true);
  if (part.size <= largest) {
    const bytes = await bytesOf(archive, version, part);
    const file = new File([new Uint8Array(bytes)], fileName);
    return sure(copying, version.itemId, 'File Geodatabase', () => restorer.writing.addItem(fields, { file }));
  }
  const id = await sure(copying, version.itemId, 'File Geodatabase', () => restorer.writing.addLarge(fields, fileName));
  const place = { id, owner: account, folderId: null };
  await sendParts({ archive, clock, version, map: noMap }, place, restorer.writing, part, {
    fileName,
    type: 'File Geodatabase',
  });
  return id;
}

/** ms between two looks at what is being made, the last for all that follow; and how many looks. */
const pauses = [1000, 2000, 5000, 10_000, 30_000];
const looks = 480;

async function serviceOf(copying: Copying, itemId: string, fileId: string): Promise<Item> {
  const { restorer, clock, mark } = copying;
  const { services, portal } = restorer;
  const known = (await temporary(copying, itemId)).find(({ type }) => type === 'Feature Service');
  // Nobody knows any more how far its making has come.
  if (known !== undefined) await restorer.writing.remove(placeOf(known), true);
  let jobId = '';
  const id = await sure(copying, itemId, 'Feature Service', async () => {
    const made = await services.publish({ itemId: fileId, name: nameOf(itemId, mark) });
    jobId = made.jobId;
    return made.itemId;
  });
  for (let look = 0; look < looks; look++) {
    const status = await services.publishStatus({ itemId: id, jobId });
    if (status === 'failed') throw unproven('publishing it failed');
    const item = status === 'completed' ? await portal.item(id) : undefined;
    if (item !== undefined) return item;
    await clock.sleep(pauses[Math.min(look, pauses.length - 1)] ?? 0);
  }
  throw unproven('publishing it did not end within four hours');
}

/** Makes something; where the answer is lost, it is looked for by its name. */
async function sure(copying: Copying, itemId: string, type: string, make: () => Promise<string>): Promise<string> {
  try {
    return await make();
  } catch (error) {
    if (!isUncertain(error)) throw error;
    for (const pause of [1000, 2000, 5000]) {
      await copying.clock.sleep(pause);
      const found = (await temporary(copying, itemId)).find((each) => each.type === type);
      if (found !== undefined) return found.id;
    }
    throw error;
  }
}

/** What is in the portal of the copies of an item, of this restore: the account's own, under a name that has its mark. */
export async function temporary({ restorer, account, mark }: Copying, itemId: string): Promise<Item[]> {
  const name = nameOf(itemId, mark);
  const own = await restorer.portal.newest(account);
  return own.filter(({ title, owner }) => title === name && owner.toLowerCase() === account.toLowerCase());
}

const mostTries = 3;

/** Deletes the copies of an item for good, the service before its file: in the recycle bin they would keep their name. */
export async function removeCopy(copying: Copying, itemId: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const left = (await temporary(copying, itemId)).sort((a, b) => (a.type < b.type ? -1 : 1));
    if (left.length === 0) return;
    if (tries > mostTries)
      throw new BackupError(
        'RESTORE_REFUSED',
        `The temporary copy ${nameOf(itemId, copying.mark)} could not be deleted.`,
      );
    for (const item of left)
      try {
        await copying.restorer.writing.remove(placeOf(item), true);
      } catch (error) {
        if (!isUncertain(error)) throw error;
      }
  }
}
