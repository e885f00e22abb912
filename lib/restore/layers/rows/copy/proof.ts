import { oneLine } from '../../../../backup/words.ts';
import { BackupError } from '../../../../errors.ts';
import { inBatches } from '../files.ts';
import { valueOf } from '../row.ts';
import type { SourceLayer } from '../source.ts';
import type { RowsWork } from '../work.ts';

/** Throws RESTORE_COPY when a layer of the copy has not the rows that the version had, or no global ids where it had some. */
export function proveLayer(layer: SourceLayer, hadIds: boolean, rows: number | null): void {
  const name = oneLine(layer.name, 60);
  if (rows !== null && rows !== layer.count) throw unproven(`${name} has ${layer.count} rows in place of ${rows}`);
  if (hadIds && layer.traits.globalIdField === undefined) throw unproven(`${name} has no global ids`);
}

/** Throws RESTORE_COPY when it has not the files that the version had. Goes on where it was. */
export async function proveFiles(layer: SourceLayer, wanted: number, { notes, rest }: RowsWork): Promise<void> {
  // Of a copy that was made anew nothing is counted yet.
  const ofThisOne = notes.slice(notes.findLastIndex(({ is }) => is === 'publishing') + 1);
  const last = ofThisOne.findLast((each) => each.is === 'proving' && each.layer === layer.id);
  let { row, files } = last?.is === 'proving' ? last : { row: undefined, files: 0 };
  for await (const batch of inBatches(layer.files(row))) {
    files += batch.length;
    row = batch.at(-1)?.row ?? -1;
    await rest({ is: 'proving', layer: layer.id, row, files });
  }
  if (files !== wanted) throw unproven(`${oneLine(layer.name, 60)} has ${files} attachments in place of ${wanted}`);
}

/**
 * Where rows of one layer carry the global ids of another's, a copy with other ids shows here: not one of these is the id of a row.
 * Throws RESTORE_COPY.
 */
export async function proveKeys(layers: readonly SourceLayer[]): Promise<void> {
  for (const layer of layers)
    for (const { layer: id, isOrigin, key } of layer.traits.relationships) {
      const origin = layers.find((each) => each.id === id);
      const { globalIdField, relationships = [] } = origin?.traits ?? {};
      const back = relationships.find((each) => each.isOrigin && each.layer === layer.id);
      if (
        isOrigin ||
        origin === undefined ||
        globalIdField === undefined ||
        back?.key.toLowerCase() !== globalIdField.toLowerCase()
      )
        continue;
      if (!(await meets(layer, key, origin)))
        throw unproven(`${oneLine(origin.name, 60)} has other global ids than the version`);
    }
}

/** Is one of the keys, if there are any, the global id of a row? */
async function meets(layer: SourceLayer, key: string, { copy }: SourceLayer): Promise<boolean> {
  let isAny = false;
  for await (const page of layer.pages()) {
    const keys = page.map((row) => valueOf(row, key)).filter((value) => typeof value === 'string');
    isAny ||= keys.length > 0;
    const ids = [...new Set(keys)];
    if (((await copy?.byGlobalIds(ids, 'esri')) ?? []).length > 0) return true;
  }
  return !isAny;
}

/** What the portal has made is not the version. */
export function unproven(why: string): BackupError {
  return new BackupError(
    'RESTORE_COPY',
    `What the portal made of the file geodatabase is not the version: ${why}. Nothing that lives was touched.`,
  );
}
