import { orchestration, type Steps } from '../lib/activity.ts';
import type { RunStep } from '../lib/backup/run.ts';
import { verifyArchive } from './verifyArchive.ts';

/** One verification of the archive: an orchestration, so that it is done again when its worker goes away. */
orchestration('verify', function* (context, input: RunStep): Steps<{ outcome: string }> {
  return { outcome: yield* verifyArchive(context, input) };
});
