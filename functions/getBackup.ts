import * as df from 'durable-functions';
import { answer, json, problem } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';
import { BackupError } from '../lib/errors.ts';

/** GET /api/backups/{runId}: progress while it runs, the run record afterwards. */
df.app.client.http('getBackup', {
  route: 'api/backups/{runId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const status = await app().statusOf(client, request.params['runId'] ?? '');
      if (status === undefined)
        return problem(
          404,
          new BackupError('USAGE', 'There is no run of this id.', { hint: 'GET /api/backups lists the latest runs.' }),
        );
      return json(200, status, status.status === 'running' ? { 'retry-after': '10' } : {});
    }),
});
