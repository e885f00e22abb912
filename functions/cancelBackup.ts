import * as df from 'durable-functions';
import { answer, json, problem } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';
import { BackupError } from '../lib/errors.ts';

/** DELETE /api/backups/{runId}: ends a run that is under way. What it staged is used by the next one. */
df.app.client.http('cancelBackup', {
  route: 'api/backups/{runId}',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: (request, client) =>
    answer(async () => {
      const runId = request.params['runId'] ?? '';
      const status = await app().cancelRun(client, runId);
      if (status !== undefined) return json(200, { runId, status });
      return problem(
        404,
        new BackupError('USAGE', 'No run of this id is under way.', {
          hint: 'GET /api/backups lists the latest runs.',
        }),
      );
    }),
});
