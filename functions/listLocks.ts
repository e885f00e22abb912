import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /archive.git/info/lfs/locks: nobody holds any. It asks for its own keys. */
azure.http('listLocks', {
  route: 'archive.git/info/lfs/locks',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.listLocks(request, context)),
});
