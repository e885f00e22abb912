import { app as azure } from '@azure/functions';
import { answerJson } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}?at=: all that is known of an item. */
azure.http('getItem', {
  route: 'api/items/{item}',
  methods: ['GET'],
  authLevel: 'function',
  handler: (request) => answerJson(() => app().items.show(request.params['item'] ?? '', request.query.get('at'))),
});
