import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /archive.git/info/refs?service=git-upload-pack: how `git clone` and `git fetch` begin. It asks for its own keys. */
azure.http('getRefs', {
  route: 'archive.git/info/refs',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.advertise(request, context)),
});
