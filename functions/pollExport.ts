import { pollExport as act } from '../lib/run/save/export/poll-export.ts';
import { step } from '../lib/step.ts';

/** Asks how an export is doing; one that is ready it saves, and deletes. */
export const pollExport = step('pollExport', act);
