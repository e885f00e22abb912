import { app as azure } from '@azure/functions';
import { answer, json, problem } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';
import { BackupError } from '../lib/errors.ts';

/** GET /api/backups/{runId}/changes?cursor=&limit=: what a run changed and left out, page by page. */
azure.http('listChanges', {
  route: 'api/backups/{runId}/changes',
  methods: ['GET'],
  authLevel: 'function',
  handler: ({ params, query }) =>
    answer(async () => {
      const page = await app().changesOf(params['runId'] ?? '', query);
      return page === undefined
        ? problem(404, new BackupError('USAGE', 'There is no such run that has ended.'))
        : json(200, page);
    }),
});
