import * as df from 'durable-functions';
import { answer, json, problem } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';
import { BackupError } from '../lib/errors.ts';

/** POST /api/restores/{restoreId}/start: starts what was planned, if it still fits the portal, or goes on with what was stopped. */
df.app.client.http('startRestore', {
  route: 'api/restores/{restoreId}/start',
  methods: ['POST'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const restoreId = request.params['restoreId'] ?? '';
      const begun = await app().restoreRuns.start(client, restoreId);
      const location = (id: string) => ({ location: `/api/restores/${id}` });
      if ('restore' in begun) return json(202, begun.restore, { ...location(restoreId), 'retry-after': '5' });
      const error = new BackupError('RESTORE_STALE', 'The portal has changed since this was planned.', {
        hint: 'Read the new plan, and start that one.',
      });
      return problem(409, error, location(begun.stale.restoreId), { restore: begun.stale });
    }),
});
