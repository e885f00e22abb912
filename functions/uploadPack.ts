import { app as azure } from '@azure/functions';
import { answer } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** POST /archive.git/git-upload-pack: the objects of a clone or a fetch, as a stream. It asks for its own keys. */
azure.http('uploadPack', {
  route: 'archive.git/git-upload-pack',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request, context) => answer(() => app().archive.uploadPack(request, context)),
});
