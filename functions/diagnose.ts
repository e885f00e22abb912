import { app as azure } from '@azure/functions';
import { answer, json } from '../lib/api/answers.ts';
import { app } from '../lib/app.ts';

/** GET /api/doctor: what `ago-backup doctor` finds, seen from inside the app; 200 when a backup would run, else 503. */
azure.http('diagnose', {
  route: 'api/doctor',
  methods: ['GET'],
  authLevel: 'function',
  handler: () =>
    answer(async () => {
      const checks = await Array.fromAsync(app().diagnose());
      const ok = checks.every((check) => check.ok);
      return json(ok ? 200 : 503, { ok, checks });
    }),
});
