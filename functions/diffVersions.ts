import { app as azure } from '@azure/functions';
import { answerJson } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}/diff?from=&to=: what is different between two versions; the last two unless told otherwise. */
azure.http('diffVersions', {
  route: 'api/items/{item}/diff',
  methods: ['GET'],
  authLevel: 'function',
  handler: ({ params, query }) =>
    answerJson(() => app().items.diff(params['item'] ?? '', query.get('from'), query.get('to'))),
});
