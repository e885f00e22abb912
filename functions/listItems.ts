import { app as azure } from '@azure/functions';
import { answerJson } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items?q=&user=&type=&tag=&state=&at=&cursor=: items as they stood. A parameter that stands there twice is in the address alone. */
azure.http('listItems', {
  route: 'api/items',
  methods: ['GET'],
  authLevel: 'function',
  handler: ({ url }) => answerJson(() => app().items.list(new URL(url).searchParams)),
});
