import type { OrchestrationContext } from 'durable-functions';
import { orchestration, toFailure, type Steps } from '../lib/activity.ts';
import type { RunStep } from '../lib/backup/run.ts';
import type { DrillInput } from '../lib/restore/drill/drill.ts';
import { beginDrill } from './beginDrill.ts';
import { endDrill } from './endDrill.ts';
import { restoreWhole } from './restoreWhole.ts';
import { tidyDrill } from './tidyDrill.ts';

/** One restore drill: copies of a few items are made, compared, and deleted for good. */
orchestration('drill', function* (context, input: DrillInput): Steps<{ outcome: string }> {
  const { started } = input;
  let runId = input.runId;
  try {
    const { tidying, restoreId } = yield* beginDrill(context, input);
    for (const earlier of tidying) yield* tidied(context, { runId: earlier, started });
    if (restoreId === null) return { outcome: 'nothing' };
    runId = restoreId;
    yield* restoreWhole.call(context, { runId, started }, `${runId}-drill`);
    yield* tidied(context, { runId, started });
  } catch (error) {
    return yield* endDrill(context, { runId, started, failure: toFailure(error) });
  }
  return yield* endDrill(context, { runId, started });
});

/** Deletes the copies of a drill, and looks whether they are gone. */
function* tidied(context: OrchestrationContext, step: RunStep): Steps<void> {
  const { restoreId } = yield* tidyDrill(context, step);
  if (restoreId === null) return;
  yield* restoreWhole.call(context, { runId: restoreId, started: step.started }, `${restoreId}-drill`);
  yield* tidyDrill(context, { ...step, onlyLooks: true });
}
