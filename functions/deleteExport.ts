import { deleteExport as act } from '../lib/run/save/export/delete-export.ts';
import { step } from '../lib/step.ts';

/** Deletes a temporary export for good. */
export const deleteExport = step('deleteExport', act);
