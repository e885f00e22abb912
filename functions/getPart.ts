import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/items/{item}/versions/{at}/parts/{path}: a file of a version, or a range of it. */
azure.http('getPart', {
  route: 'api/items/{item}/versions/{at}/parts/{*path}',
  methods: ['GET'],
  authLevel: 'function',
  handler: async ({ params, headers }, context) => {
    const { item = '', at = '', path = '' } = params;
    return app().heldBack(await answer(() => app().items.part(item, at, path, headers.get('range'))), context);
  },
});
