import { bareId } from '../../../../arcgis/layers/global-ids.ts';
import type { HostedService, HostedTable } from '../../../../arcgis/layers/hosted-service.ts';
import type { Row } from '../../../../arcgis/layers/feature-pages.ts';
import { tableKey } from '../../../../backup/layers/row-proof.ts';
import type { Written } from '../row.ts';
import { wholeOf, type SourceFile, type SourceLayer } from '../source.ts';

/** The table of a copy that is a layer of the version; the portal may name layers after their tables. */
export function tableOf({ tables }: HostedService, name: string, count: number): HostedTable | undefined {
  const found = tables.find(({ info }) => tableKey(info.name) === tableKey(name));
  return found ?? (count === 1 && tables.length === 1 ? tables[0] : undefined);
}

/** The rows of a copy as those of the version's layer. @param itemId of the file that the copy was made of */
export async function layerOfCopy(
  table: HostedTable,
  { info, traits }: Pick<SourceLayer, 'info' | 'traits'>,
  itemId: string,
): Promise<SourceLayer> {
  let written: Written = { form: 'esri', spatialReference: table.info.spatialReference };
  const pages = async function* (skip = 0): AsyncGenerator<readonly Row[]> {
    for await (const { rows, spatialReference } of table.pages('esri', skip)) {
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
    files: (after) => filesOf(table, after),
    copy: table,
    // As an export names its tables.
    loading: { itemId, table: info.name.replace(/[^\p{L}\p{N}_]/gu, '_') },
  };
}

/** Rows of which the files are asked for at a time. */
const mostRows = 200;

async function* filesOf(table: HostedTable, after = -Infinity): AsyncGenerator<SourceFile> {
  if (!table.info.hasAttachments) return;
  const ids = (await table.objectIds()).filter((id) => id > after);
  for (let n = 0; n < ids.length; n += mostRows)
    for await (const file of table.files(ids.slice(n, n + mostRows)))
      yield {
        ...file,
        globalId: file.globalId && bareId(file.globalId),
        open: async () => wholeOf(await file.open()),
      };
}
