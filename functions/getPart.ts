import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}/versions/{at}/parts/{path}: a file of a version, or a range of it. */
azure.http('getPart', {
  route: 'api/items/{item}/versions/{at}/parts/{*path}',
  methods: ['GET'],
  authLevel: 'function',
  handler: ({ params, headers }) =>
    answer(() =>
      app().items.part(params['item'] ?? '', params['at'] ?? '', params['path'] ?? '', headers.get('range')),
    ),
});
