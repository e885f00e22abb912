import * as df from 'durable-functions';
import { answer, json, problem } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';
import { BackupError } from '../lib/errors.ts';

/** DELETE /api/restores/{restoreId}: a restore stops after the step that is under way; a plan is dropped. */
df.app.client.http('stopRestore', {
  route: 'api/restores/{restoreId}',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const restoreId = request.params['restoreId'] ?? '';
      const state = await app().restoreRuns.stop(client, restoreId);
      if (state !== undefined) return json(state === 'stopping' ? 202 : 200, { restoreId, state });
      const hint = 'GET /api/restores lists the restores; what one did is taken back with POST …/undo.';
      return problem(404, new BackupError('USAGE', 'This restore is not under way.', { hint }));
    }),
});
