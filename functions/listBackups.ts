import * as df from 'durable-functions';
import { answer, json } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/backups: the latest runs. */
df.app.client.http('listBackups', {
  route: 'api/backups',
  methods: ['GET'],
  authLevel: 'function',
  handler: (_request, client) => answer(async () => json(200, { runs: await app().recentRuns(client) })),
});
