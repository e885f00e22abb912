import * as df from 'durable-functions';
import { app, schedule } from '../lib/app.ts';

/** The weekly timer of the verification. One that is still under way is left alone. */
df.app.client.timer('startVerify', {
  schedule: schedule('VERIFY_SCHEDULE'),
  handler: async (_timer, client, context) => {
    if (!(await app().startVerify(client))) context.warn('A verification of the archive is under way already.');
  },
});
