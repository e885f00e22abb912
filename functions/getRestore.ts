import * as df from 'durable-functions';
import { answer, json } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/restores/{restoreId}: its plan, its progress while it runs, its end. */
df.app.client.http('getRestore', {
  route: 'api/restores/{restoreId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const status = await app().restoreRuns.status(client, request.params['restoreId'] ?? '');
      return json(200, status, status.state === 'running' || status.state === 'planning' ? { 'retry-after': '5' } : {});
    }),
});
