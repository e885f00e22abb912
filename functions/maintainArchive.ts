import { step } from '../lib/step.ts';
import { maintainArchive as act } from '../lib/upkeep/maintain/maintain-archive.ts';

/** Merges packs when there are many, and deletes what nothing needs any more. */
export const maintainArchive = step('maintainArchive', act);
