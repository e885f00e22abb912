import { app as azure } from '@azure/functions';
import { answerJson } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}/versions/{at}: one version of an item. */
azure.http('getVersion', {
  route: 'api/items/{item}/versions/{at}',
  methods: ['GET'],
  authLevel: 'function',
  handler: ({ params }) => answerJson(() => app().items.show(params['item'] ?? '', params['at'])),
});
