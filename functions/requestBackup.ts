import * as df from 'durable-functions';
import { answer, json, problem, readRunRequest } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';
import { BackupError } from '../lib/errors.ts';

/** POST /api/backups: starts a run, or says which one is under way. */
df.app.client.http('requestBackup', {
  route: 'backups',
  methods: ['POST'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const { started, runId } = await app().startRun(client, await readRunRequest(request));
      const headers = { location: `/api/backups/${runId}`, 'retry-after': '10' };
      if (!started) return problem(409, new BackupError('RUN_ACTIVE', `Run ${runId} is under way.`), headers);
      return json(202, { runId, status: 'running', url: headers.location }, headers);
    }),
});
