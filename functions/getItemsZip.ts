import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/zip?item=&item=&at=: all files of some items, as they stood at one time. */
azure.http('getItemsZip', {
  route: 'api/zip',
  methods: ['GET'],
  authLevel: 'function',
  handler: async ({ url }, context) =>
    app().heldBack(await answer(() => app().items.zipOf(new URL(url).searchParams)), context),
});
