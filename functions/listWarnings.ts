import { app as azure } from '@azure/functions';
import { answer, json } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/warnings: what may have been lost in the latest runs. */
azure.http('listWarnings', {
  route: 'api/warnings',
  methods: ['GET'],
  authLevel: 'function',
  handler: () => answer(async () => json(200, await app().recentWarnings())),
});
