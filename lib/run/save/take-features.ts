import type { LayerRows } from '../../arcgis/layers/features.ts';
import { PortalError } from '../../arcgis/connection/portal-error.ts';
import type { Portal } from '../../arcgis/portal.ts';
import {
  isDocumentPath,
  lackingOf,
  lacksRows,
  rowsFolder,
  rowsThatStay,
  type RowsRead,
} from '../../backup/layers/kept-rows.ts';
import { undatedNote } from '../../backup/compare.ts';
import { formatOf } from '../../backup/formats.ts';
import { isRefresh, type Found } from '../../backup/found.ts';
import type { Fetcher } from './fetcher.ts';
import type { SavedLayer } from '../../backup/item.ts';
import type { ItemFailure } from '../../backup/run.ts';
import { oneLine } from '../../backup/words.ts';
import { BackupError, endsRun, isCode, toFailure } from '../../errors.ts';
import type { ExportTrouble } from './item-result.ts';
import type { ItemParts } from './item-parts.ts';
import { type ItemDeps, type Taken } from './stage-part.ts';
import { takeLacking, takeLayer } from './take-layer.ts';
import { OutOfTime } from './unfinished.ts';

/** What is read of a service. */
interface RowsWanted {
  /** only what the archive's version lacks, for nothing changed since */
  onlyLacking: boolean;
  /** why there is no export, where there should be one */
  instead?: ExportTrouble | undefined;
}

/** The rows of a hosted layer, where no export brings them; what was moved or shared only asks for what is lacking. */
export const fetchRows: Fetcher = async ({ deps, portal, found, into, instead }) => {
  const { item, notOwn, undated, silent } = found;
  if (isRefresh(found)) {
    const isDue = notOwn === undefined && (lacksRows(found.saved) || silent !== undefined);
    if (!isDue) into.keep(({ role }) => role === 'export');
    into.layers = isDue
      ? await takeFeatures(deps, portal, found, into, { onlyLacking: true, instead })
      : found.saved.layers;
    return;
  }
  if (notOwn !== undefined) return into.note('NOT_OWN', notOwn);
  const { query, note: viewNote } = formatOf(item);
  if (viewNote !== undefined) into.add(viewNote);
  if (undated !== undefined) into.add(undatedNote(undated));
  if (query || instead !== undefined || silent !== undefined)
    into.layers = await takeFeatures(deps, portal, found, into, { onlyLacking: false, instead });
  const hasRows = into.taken.some(({ part }) => part.role === 'export');
  if (instead !== undefined && hasRows) into.note('ROWS_BY_QUERIES', `Rows were read by queries. ${instead.message}`);
};

/**
 * A hosted service read row by row: a document for each layer and table, and the attachments. What cannot be had of one layer
 * costs that layer: it keeps the version it had, and is a gap. Returns how much there is of each.
 */
async function takeFeatures(
  deps: ItemDeps,
  portal: Portal,
  found: Found,
  into: ItemParts,
  { onlyLacking, instead }: RowsWanted,
): Promise<readonly SavedLayer[] | undefined> {
  const { item, saved, silent } = found;
  const list = await into.ask(
    rowsFolder,
    () => (silent ? Promise.reject(silence(silent)) : plainly(portal.features(item), instead)),
    { had: true },
  );
  if (list === 'none')
    into.note('SERVICE_GONE', 'The service of this item is not there; what was saved of it stays.', rowsFolder);
  if (typeof list === 'string') {
    stay(into, { read: new Set(), others: undefined });
    return saved?.layers;
  }
  const read = new Set<number>();
  const others = new Set<number>();
  const layers: SavedLayer[] = [];
  for (const layer of list.value) {
    const id = layer.id ?? -1;
    const lacking = onlyLacking ? lackingOf(saved?.gaps ?? [], layer.id) : 'all';
    const taken = lacking === 'all' ? await readLayer(deps, into, layer, instead) : 'lacking';
    if (taken === 'lacking') {
      if (lacking !== 'all') into.taken.push(...(await takeLacking(deps, into, layer, lacking)));
      others.add(id);
      layers.push(earlier(layer, saved?.layers));
      continue;
    }
    read.add(id);
    into.taken.push(...taken);
    into.notes.push(...layer.notes());
    layers.push(layer.count());
  }
  if (read.size === 0) tellOnce(into);
  stay(into, { read, others });
  return layers;
}

/** Where not one layer could be had, that is one gap. */
function tellOnce({ gaps }: ItemParts): void {
  const first = gaps.findIndex(({ part }) => isDocumentPath(part));
  const others = gaps.filter(({ part }, n) => n === first || !isDocumentPath(part));
  if (gaps.length > others.length) gaps.splice(0, gaps.length, ...others.map(asWhole));
}

const asWhole = (gap: ItemFailure) => (isDocumentPath(gap.part) ? { ...gap, part: rowsFolder } : gap);

/** Of a layer that was not read now, what is known of the version that stays. */
function earlier({ id = -1, name }: LayerRows, saved: readonly SavedLayer[] = []): SavedLayer {
  return saved.find((each) => each.id === id) ?? { id, name, rows: null, attachments: null };
}

/** What stays of the version before, unless it was taken or kept by itself. */
function stay(into: ItemParts, rows: RowsRead): void {
  const had = new Set([...into.taken.map(({ part }) => part.path), ...into.kept.map(({ path }) => path)]);
  const saved = into.saved(({ path }) => !had.has(path));
  for (const part of rowsThatStay(saved, rows)) into.stay(part);
}

/** Its files; `lacking` when it cannot be had, and that is told. */
async function readLayer(
  deps: ItemDeps,
  into: ItemParts,
  layer: LayerRows,
  instead: ExportTrouble | undefined,
): Promise<Taken[] | 'lacking'> {
  const read = async () => {
    try {
      return await takeLayer(deps, into, layer);
    } catch (error) {
      if (layer.isClosed && instead === undefined && isFinal(error)) return 'closed';
      throw error;
    }
  };
  const answer = await into.ask(layer.path, () => plainly(read(), instead), { had: true });
  if (typeof answer === 'string') return 'lacking';
  if (answer.value !== 'closed') return answer.value;
  const closed = `Rows of "${oneLine(layer.name, 100)}" are closed to queries by the service; a version that was saved stays.`;
  into.note('ROWS_CLOSED', closed, layer.path);
  return 'lacking';
}

function isFinal(error: unknown): boolean {
  return isCode(error, 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_REFUSED') && !error.retryable;
}

/**
 * Rows are the service's own: that a server refuses them, or says that it does not have them, proves nothing as long as it lists
 * them. So it is a gap, whatever the server says.
 */
async function plainly<T>(asked: Promise<T>, instead: ExportTrouble | undefined): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OutOfTime || (!(error instanceof PortalError) && instead === undefined)) throw error;
    const { code, message, hint } = toFailure(withExport(error, instead));
    if (endsRun({ code })) throw error;
    throw new BackupError(code, message, { hint, retryable: error instanceof BackupError && error.retryable });
  }
}

/** Both ways to the rows failed: the administrator can mend the first. */
export function withExport(error: unknown, instead: ExportTrouble | undefined): unknown {
  const { code, message } = toFailure(error);
  if (instead === undefined || endsRun({ code })) return error;
  return new BackupError(instead.code, `${instead.message} Reading it row by row failed as well: ${code}: ${message}`);
}

/** What a service that could not be asked is told as, again. */
function silence({ code, message, hint, isGone }: NonNullable<Found['silent']>): BackupError {
  return isGone ? new PortalError(code, message, { status: 404, hint }) : new BackupError(code, message, { hint });
}
