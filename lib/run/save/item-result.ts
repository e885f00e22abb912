import { endsRun, type Failure } from '../../errors.ts';

/** Why an export came to nothing. */
export interface ExportTrouble {
  code: 'EXPORT_REFUSED' | 'EXPORT_FAILED' | 'EXPORT_TIMEOUT';
  message: string;
}

/** How an item ended. What ends the run (`endsRun`) stands in no report of the item: it is not the item's trouble. */
export type ItemResult = { ok: true; bytes: number } | ({ ok: false } & Failure);

/** The item takes longer than an activity may: it is to be saved on, in another one. */
export interface GoesOn {
  ok: false;
  goesOn: true;
}

/** Why what was exported is not taken for the layer's backup: rows are lacking, or the service was edited meanwhile. */
export interface Unproven {
  ok: false;
  unproven: 'lacking' | 'moved';
  code: ExportTrouble['code'];
  message: string;
  hint: string;
}

/** What saving several items came to, in their order. */
export interface SavedItems {
  /** so many of the first ones are at their end */
  done: number;
  /** so many of those failed */
  failed: number;
  /** fetched; older workers do not say it */
  bytes?: number;
  /** the item behind them takes longer than an activity may */
  goesOn?: true;
  /** what ended the run at the item behind them */
  ended?: Failure;
}

/** What one item adds to the sum. */
export function countOf(saved: ItemResult | Unproven): SavedItems {
  if (saved.ok) return { done: 1, failed: 0, bytes: saved.bytes };
  const { code, message, hint } = saved;
  return endsRun(saved) ? { done: 0, failed: 0, ended: { code, message, hint } } : { done: 1, failed: 1 };
}

/** Both together; the second one says how it ended. */
export function addUp(before: SavedItems, after: SavedItems): SavedItems {
  const bytes = (before.bytes ?? 0) + (after.bytes ?? 0);
  return { ...after, done: before.done + after.done, failed: before.failed + after.failed, bytes };
}
