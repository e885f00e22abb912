import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** POST /archive.git/info/lfs/objects/batch: where git-lfs finds the large files of a clone. It asks for its own keys. */
azure.http('largeBatch', {
  route: 'archive.git/info/lfs/objects/batch',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.largeBatch(request, context)),
});
