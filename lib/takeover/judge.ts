import { isHosted, formatOf } from '../backup/formats.ts';
import type { Item } from '../backup/item.ts';
import type { LayerDates, ServiceDates } from '../backup/stamp.ts';
import { typeInfo } from '../backup/types.ts';
import { dataFile, exportFile, metadataFile } from './old-layout.ts';

/** What the old archive says of one directory that an item claims. */
export interface Claim {
  /** how many living items would lie there */
  claimants: number;
  /** the text of timestamp.txt; undefined where it has none */
  stamp: string | undefined;
  /** epoch ms of the commit that brought it */
  stampedAt: number;
  files: ReadonlySet<string>;
  /** epoch ms of the commit that brought the export; undefined where there is none */
  exportedAt: number | undefined;
  /** of the item's file: bytes, with LF and with CRLF at the ends of its lines; undefined where there is none, or it is too large to tell */
  size: number | undefined;
  sizeWithCrlf: number | undefined;
  /** is the item's file an answer of the portal that says an error? */
  isError: boolean;
}

/** Which files are the portal's, or why the item is fetched anew. */
export type Judgement = { take: { data?: string; export?: string; isCrlf?: true } } | { fetch: string };

/**
 * Are the files of a directory what the portal has now? The rule that was right for all of a genuine archive: one item only claims the
 * directory; timestamp.txt says exactly what the portal says now; the item's file has its listed size; and an export came no
 * earlier than timestamp.txt and after every edit. Layers that tell no dates are never believed.
 * @param dates of a hosted service
 */
export function judge(item: Item, claim: Claim, dates?: ServiceDates): Judgement {
  if (claim.claimants > 1) return { fetch: `${claim.claimants} items share this directory` };
  if (claim.stamp === undefined) return { fetch: 'it has no timestamp.txt' };
  if (claim.stamp !== oldStamp(item, claim.stamp, dates)) return { fetch: 'it was changed since' };
  const data = judgeData(item, claim);
  if ('fetch' in data) return data;
  if (!isHosted(item) || dates === undefined) return data;
  const rows = judgeExport(item, claim, dates);
  return 'fetch' in rows ? rows : { take: { ...data.take, ...rows.take } };
}

/** What the old script would write now; of services that it could ask, and we do not, its own dates are all there is. */
function oldStamp(item: Item, saved: string, dates: ServiceDates | undefined): string {
  if (item.type !== 'Feature Service') return String(item.modified);
  if (dates === undefined) return [item.modified, ...saved.split(',').slice(1)].join(',');
  const edits = (dates.layers ?? []).flatMap(({ editingInfo }) => editingInfo?.lastEditDate ?? []);
  return [item.modified, ...edits].join(',');
}

function judgeData(item: Item, claim: Claim): Judgement {
  const name = dataFile(item);
  const isThere = name !== undefined && claim.files.has(name) && name !== metadataFile;
  if (name === metadataFile) return { fetch: 'its own file is called as that of its metadata' };
  if (claim.isError) return { fetch: 'its file is an error message of the portal' };
  // What a service keeps beside its rows has no size of its own.
  if (isHosted(item)) return { take: isThere && (claim.size ?? 1) > 0 ? { data: name } : {} };
  const wanted = Math.max(0, item.size);
  if (!isThere) return wanted === 0 && !isFile(item) ? { take: {} } : { fetch: 'its file is not in the old archive' };
  if (wanted === 0)
    return claim.size === 0 ? { take: {} } : { fetch: 'the portal tells no size that its file could have' };
  if (claim.size === wanted) return { take: { data: name } };
  if (claim.sizeWithCrlf === wanted) return { take: { data: name, isCrlf: true } };
  return { fetch: `its file has ${claim.size ?? 0} bytes instead of ${wanted}` };
}

function isFile({ type }: Item): boolean {
  return typeInfo(type).content === 'file';
}

function judgeExport(item: Item, claim: Claim, dates: ServiceDates): Judgement {
  if (formatOf(item).query) return { fetch: 'the old script saved no rows of views' };
  const name = exportFile(claim.files);
  const layers = [...(dates.layers ?? []), ...(dates.tables ?? [])];
  if (layers.length === 0) return name === undefined ? { take: {} } : { fetch: 'it has no layers any more' };
  if (name === undefined || claim.exportedAt === undefined) return { fetch: 'it was never exported' };
  if (layers.some((layer) => datesOf(layer).length === 0)) return { fetch: 'a layer does not tell when it was edited' };
  const last = Math.max(item.modified, ...layers.flatMap(datesOf));
  const isCurrent = claim.exportedAt >= claim.stampedAt && claim.exportedAt > last;
  return isCurrent ? { take: { export: name } } : { fetch: 'its export is older than its last change' };
}

function datesOf({ editingInfo }: LayerDates): number[] {
  const { lastEditDate, schemaLastEditDate, dataLastEditDate } = editingInfo ?? {};
  return [lastEditDate, schemaLastEditDate, dataLastEditDate].filter((date) => typeof date === 'number');
}
