import * as df from 'durable-functions';
import { answer, json } from '../lib/api/answers.ts';
import { readRestoreRequest } from '../lib/api/restore-request.ts';
import { app } from '../lib/app.ts';

/** POST /api/restores: looks at what a restore would meet, changes nothing, and keeps the plan for whoever starts it. */
df.app.client.http('planRestore', {
  route: 'api/restores',
  methods: ['POST'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const planned = await app().restoreRuns.plan(client, await readRestoreRequest(request));
      const location = { location: `/api/restores/${planned.restoreId}` };
      return planned.state === 'planned'
        ? json(201, planned, location)
        : json(202, planned, { ...location, 'retry-after': '5' });
    }),
});
