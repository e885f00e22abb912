import { app as azure } from '@azure/functions';
import { answer, json } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** PUT and DELETE /api/warnings/{id}/acknowledged: somebody has taken note of a warning, or takes that back. */
azure.http('acknowledgeWarning', {
  route: 'api/warnings/{id}/acknowledged',
  methods: ['PUT', 'DELETE'],
  authLevel: 'function',
  handler: ({ method, params }) =>
    answer(async () => json(200, await app().acknowledge(params['id'] ?? '', method === 'PUT'))),
});
