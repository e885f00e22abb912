import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}/versions/{at}/zip: all files of a version. */
azure.http('getZip', {
  route: 'api/items/{item}/versions/{at}/zip',
  methods: ['GET'],
  authLevel: 'function',
  handler: async ({ params }, context) =>
    app().heldBack(await answer(() => app().items.zip(params['item'] ?? '', params['at'] ?? '')), context),
});
