import * as df from 'durable-functions';
import { answer, json } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** POST /api/restores/{restoreId}/undo: the plan that takes a restore back; to be started as any other. */
df.app.client.http('undoRestore', {
  route: 'api/restores/{restoreId}/undo',
  methods: ['POST'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const planned = await app().restoreRuns.planUndo(client, request.params['restoreId'] ?? '');
      const location = { location: `/api/restores/${planned.restoreId}` };
      return planned.state === 'planned'
        ? json(201, planned, location)
        : json(202, planned, { ...location, 'retry-after': '5' });
    }),
});
