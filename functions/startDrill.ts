import * as df from 'durable-functions';
import { app, schedule } from '../lib/app.ts';

const when = schedule('RESTORE_DRILL_SCHEDULE');

/** The timer of the restore drill, where one is set. A backup or a restore that is under way is left alone, and the drill waits for its next time. */
if (when !== '')
  df.app.client.timer('startDrill', {
    schedule: when,
    handler: async (_timer, client, context) => {
      const { restoreRuns, settings } = app();
      if (!(await restoreRuns.startDrill(client, settings.drillItems)))
        context.warn('No restore drill was started: a backup or a restore is under way.');
    },
  });
