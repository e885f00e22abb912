import { app as azure } from '@azure/functions';
import { app } from '../lib/app.ts';
import { toMessage } from '../lib/errors.ts';

/** GET /api/health: 200 when the settings are valid and the store answers, else 503; no details, since anybody may ask. */
azure.http('getHealth', {
  route: 'api/health',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: async (_request, context) => {
    const failed = (error: unknown) => context.error(toMessage(error));
    try {
      return { status: (await app().isHealthy(failed)) ? 200 : 503 };
    } catch (error) {
      failed(error);
      return { status: 503 };
    }
  },
});
