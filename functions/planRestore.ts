import * as df from 'durable-functions';
import { answer, json } from '../lib/api/answers.ts';
import { readRestoreRequest } from '../lib/api/restore-request.ts';
import { app } from '../lib/app.ts';

/** POST /api/restores: looks at what a restore would meet, changes nothing, and keeps the plan for whoever starts it. */
df.app.client.http('planRestore', {
  route: 'api/restores',
  methods: ['POST'],
  authLevel: 'function',
  handler: (request) =>
    answer(async () => {
      const planned = await app().restoreRuns.plan(await readRestoreRequest(request));
      return json(201, planned, { location: `/api/restores/${planned.restoreId}` });
    }),
});
