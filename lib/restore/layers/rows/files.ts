import type { HostedService, HostedTable } from '../../../arcgis/layers/hosted-service.ts';
import type { RowFile } from '../../../arcgis/layers/row-table.ts';
import { isUncertain } from '../../../arcgis/writing/writer.ts';
import { BackupError } from '../../../errors.ts';
import { writeAndLook } from '../../lost-answer.ts';
import { globalIdOf } from './row.ts';
import type { SourceFile, SourceLayer } from './source.ts';
import type { RowsWork } from './work.ts';

/** Files that are looked at at a time. */
const mostFiles = 200;

/** Which files are added, and to which rows. */
export interface Filing {
  /** object ids by those of the version, where rows do not keep their global ids */
  places?: ReadonlyMap<number, number> | undefined;
  /** which rows are meant; all unless given */
  isMeant?: (file: SourceFile) => boolean;
  /** object id of the version's row behind which it goes on */
  after?: number | undefined;
}

/** Adds the files of a version's rows to the rows of a layer, those that are not there: a file is known by its name and size. */
export async function addFiles(
  work: RowsWork,
  service: HostedService,
  table: HostedTable,
  layer: SourceLayer,
  { places, isMeant, after }: Filing,
): Promise<void> {
  if (!table.info.hasAttachments) return;
  const find = findByIds(table, layer);
  for await (const files of inBatches(layer.files(after), isMeant)) {
    await addBatch(work, service, table, files, places ?? (await find(files)));
    await work.rest({ is: 'filed', layer: layer.id, row: files.at(-1)?.row ?? -1 });
  }
}

/** Some files at a time, all files of a row together. */
export async function* inBatches(
  files: AsyncIterable<SourceFile>,
  isMeant: (file: SourceFile) => boolean = () => true,
): AsyncGenerator<SourceFile[]> {
  let batch: SourceFile[] = [];
  for await (const file of files) {
    if (!isMeant(file)) continue;
    if (batch.length >= mostFiles && batch.at(-1)?.row !== file.row) {
      yield batch;
      batch = [];
    }
    batch.push(file);
  }
  if (batch.length > 0) yield batch;
}

/** Finds the object ids that rows of the version have in the layer now, for the files at them. */
export type FindRows = (files: readonly SourceFile[]) => Promise<ReadonlyMap<number, number>>;

/** Finds them by global ids. */
export function findByIds(table: HostedTable, layer: SourceLayer): FindRows {
  let all: Promise<ReadonlyMap<number, string>> | undefined;
  return async (files) => {
    const ids = new Map<number, string>();
    for (const { row, globalId } of files) {
      // Not every server tells them with the files; then the rows are read for them, once.
      const id = globalId ?? (await (all ??= globalIdsOf(layer))).get(row);
      if (id !== undefined) ids.set(row, id);
    }
    const found = await table.byGlobalIds([...new Set(ids.values())], layer.written().form);
    const byId = new Map(found.map((row) => [globalIdOf(row, table.traits), row.objectId]));
    return new Map([...ids].flatMap(([row, id]) => (byId.has(id) ? [[row, byId.get(id) ?? NaN] as const] : [])));
  };
}

/** The global ids of a version's rows, by their object ids. */
async function globalIdsOf(layer: SourceLayer): Promise<Map<number, string>> {
  const ids = new Map<number, string>();
  for await (const page of layer.pages())
    for (const row of page) {
      const id = globalIdOf(row, layer.traits);
      if (id !== undefined) ids.set(row.objectId, id);
    }
  return ids;
}

async function addBatch(
  work: RowsWork,
  service: HostedService,
  table: HostedTable,
  files: readonly SourceFile[],
  rows: ReadonlyMap<number, number>,
): Promise<void> {
  const areThere = await writeAndLook({
    look: () => lackingFiles(table, files, rows),
    write: async (lacking) => {
      for (const file of lacking) {
        await addFile(work, service, table, file, rows.get(file.row) ?? NaN);
        await work.rest();
      }
    },
  });
  if (areThere) return;
  throw new BackupError('RESTORE_REFUSED', `Files of layer ${table.info.name} do not come to their rows.`);
}

async function addFile(
  { services }: RowsWork,
  { address }: HostedService,
  { info }: HostedTable,
  file: SourceFile,
  row: number,
) {
  const { name, contentType, keywords } = file;
  const sent = new File([await file.open()], name, { ...(contentType !== undefined && { type: contentType }) });
  try {
    await services.addAttachment(address, info.id, row, sent, keywords);
  } catch (error) {
    // Whether it came is looked at with all others.
    if (!isUncertain(error)) throw error;
  }
}

const keyOf = ({ row, name, size }: Pick<RowFile, 'row' | 'name' | 'size'>) => `${row} ${size} ${name}`;

/** The files that are not at their rows. Of two with one name and size there must be two. Those of rows that are gone are left out. */
export async function lackingFiles(
  table: HostedTable,
  files: readonly SourceFile[],
  rows: ReadonlyMap<number, number>,
): Promise<SourceFile[]> {
  const held = new Map<string, number>();
  const ids = [...new Set(files.flatMap(({ row }) => rows.get(row) ?? []))].sort((a, b) => a - b);
  for await (const file of table.files(ids)) held.set(keyOf(file), (held.get(keyOf(file)) ?? 0) + 1);
  return files.filter((file) => {
    const row = rows.get(file.row);
    if (row === undefined) return false;
    const key = keyOf({ ...file, row });
    const left = held.get(key) ?? 0;
    held.set(key, left - 1);
    return left <= 0;
  });
}
