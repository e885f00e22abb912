import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** POST /archive.git/info/lfs/locks and what is below: nothing can be locked. It asks for its own keys. */
azure.http('changeLocks', {
  route: 'archive.git/info/lfs/locks/{*rest}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.changeLocks(request, context)),
});
