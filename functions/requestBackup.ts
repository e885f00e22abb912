import * as df from 'durable-functions';
import { answer, json, problem, readRunRequest } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** POST /api/backups: starts a run, or says which one is under way. */
df.app.client.http('requestBackup', {
  route: 'api/backups',
  methods: ['POST'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const begun = await app().startRun(client, await readRunRequest(request));
      const { started, runId, other, is = other?.is } = begun;
      const headers = { location: `/api/${is === 'restore' ? 'restores' : 'backups'}/${runId}`, 'retry-after': '10' };
      if (!started) return problem(409, app().runActive(begun), headers);
      return json(202, { runId, status: 'running', url: headers.location }, headers);
    }),
});
