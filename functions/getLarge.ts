import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /archive.git/info/lfs/objects/{oid}: a large file, or a range of it, where the store itself lends no address. It asks for its own keys. */
azure.http('getLarge', {
  route: 'archive.git/info/lfs/objects/{oid}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.large(request, context)),
});
