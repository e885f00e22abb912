import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** POST /archive.git/git-receive-pack: nothing can be pushed. It asks for its own keys. */
azure.http('refusePush', {
  route: 'archive.git/git-receive-pack',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.refusePush(request, context)),
});
