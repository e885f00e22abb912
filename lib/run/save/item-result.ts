import type { Failure } from '../../errors.ts';

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
