import { app as azure } from '@azure/functions';
import { answerJson } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}/versions: its versions, newest first. */
azure.http('listVersions', {
  route: 'api/items/{item}/versions',
  methods: ['GET'],
  authLevel: 'function',
  handler: (request) => answerJson(() => app().items.versions(request.params['item'] ?? '')),
});
