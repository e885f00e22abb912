import * as df from 'durable-functions';
import { app, schedule } from '../lib/app.ts';

/** The nightly timer. A run still under way is left alone; a dead one is ended, reported and followed by a new one. */
df.app.client.timer('startBackup', {
  schedule: schedule('BACKUP_SCHEDULE'),
  handler: async (_timer, client, context) => {
    const begun = await app().startRun(client, {});
    await app().forgetOldRuns(client);
    if (!begun.started) context.warn(`No backup was started: ${app().runActive(begun).message}`);
  },
});
