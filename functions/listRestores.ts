import * as df from 'durable-functions';
import { answerJson } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/restores: every restore that was begun, newest first. */
df.app.client.http('listRestores', {
  route: 'api/restores',
  methods: ['GET'],
  authLevel: 'function',
  handler: () => answerJson(async () => ({ restores: await app().restoreRuns.list() })),
});
