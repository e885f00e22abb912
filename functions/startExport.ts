import { startExport as act } from '../lib/run/save/export/start-export.ts';
import { step } from '../lib/step.ts';

/** Starts the temporary export of a hosted feature layer. The sooner, the more is done while the portal prepares it. */
export const startExport = step('startExport', act, { goesFirst: true });
