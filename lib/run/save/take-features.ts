import type { LayerRows } from '../../arcgis/layers/features.ts';
import { PortalError } from '../../arcgis/connection/portal-error.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { isDocumentPath, lackingOf, rowsFolder, rowsThatStay, type RowsRead } from '../../backup/layers/kept-rows.ts';
import type { Found } from '../../backup/found.ts';
import type { SavedLayer } from '../../backup/item.ts';
import type { ItemFailure } from '../../backup/run.ts';
import { oneLine } from '../../backup/report.ts';
import { BackupError, endsRun, isCode, toFailure } from '../../errors.ts';
import type { ExportTrouble } from './item-result.ts';
import type { SideParts } from './side-parts.ts';
import { useRoom, type ItemDeps, type Taken } from './stage-part.ts';
import { takeLacking, takeLayer } from './take-layer.ts';

/** What is read of a service. */
export interface RowsWanted {
  /** only what the archive's version lacks, for nothing changed since */
  onlyLacking: boolean;
  /** why there is no export, where there should be one */
  instead?: ExportTrouble | undefined;
}

/**
 * A hosted service read row by row: a document for each layer and table, and the attachments. What cannot be had of one layer
 * costs that layer: it keeps the version it had, and is a gap. Returns how much there is of each.
 */
export async function takeFeatures(
  deps: ItemDeps,
  portal: Portal,
  found: Found,
  side: SideParts,
  { onlyLacking, instead }: RowsWanted,
): Promise<readonly SavedLayer[] | undefined> {
  const { item, saved, silent } = found;
  const list = await side.ask(
    rowsFolder,
    () => (silent ? Promise.reject(silence(silent)) : plainly(portal.features(item), instead)),
    { had: true },
  );
  if (list === 'none')
    side.note('SERVICE_GONE', 'The service of this item is not there; what was saved of it stays.', rowsFolder);
  if (typeof list === 'string') {
    stay(deps, side, { read: new Set(), others: undefined });
    return saved?.layers;
  }
  const read = new Set<number>();
  const others = new Set<number>();
  const layers: SavedLayer[] = [];
  for (const layer of list.value) {
    const id = layer.id ?? -1;
    const lacking = onlyLacking ? lackingOf(saved?.gaps ?? [], layer.id) : 'all';
    const taken = lacking === 'all' ? await readLayer(deps, side, layer, instead) : 'lacking';
    if (taken === 'lacking') {
      if (lacking !== 'all') side.taken.push(...(await takeLacking(deps, side, layer, lacking)));
      others.add(id);
      layers.push(earlier(layer, saved?.layers));
      continue;
    }
    read.add(id);
    side.taken.push(...taken);
    side.notes.push(...layer.notes());
    layers.push(layer.count());
  }
  if (read.size === 0) tellOnce(side);
  stay(deps, side, { read, others });
  return layers;
}

/** Where not one layer could be had, that is one gap. */
function tellOnce({ gaps }: SideParts): void {
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
function stay({ room }: ItemDeps, side: SideParts, rows: RowsRead): void {
  const had = new Set([...side.taken.map(({ part }) => part.path), ...side.kept.map(({ path }) => path)]);
  const saved = side.saved(({ path }) => !had.has(path));
  for (const part of rowsThatStay(saved, rows)) {
    side.kept.push(part);
    useRoom(room, part);
  }
}

/** Its files; `lacking` when it cannot be had, and that is told. */
async function readLayer(
  deps: ItemDeps,
  side: SideParts,
  layer: LayerRows,
  instead: ExportTrouble | undefined,
): Promise<Taken[] | 'lacking'> {
  const read = async () => {
    try {
      return await takeLayer(deps, side, layer);
    } catch (error) {
      if (layer.isClosed && instead === undefined && isFinal(error)) return 'closed';
      throw error;
    }
  };
  const answer = await side.ask(layer.path, () => plainly(read(), instead), { had: true });
  if (typeof answer === 'string') return 'lacking';
  if (answer.value !== 'closed') return answer.value;
  const closed = `Rows of "${oneLine(layer.name, 100)}" are closed to queries by the service; a version that was saved stays.`;
  side.note('ROWS_CLOSED', closed, layer.path);
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
    if (!(error instanceof PortalError) && instead === undefined) throw error;
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
