import { app } from '@azure/functions';
import { ticks } from './ticks.ts';

app.timer('tick', { schedule: '0 0 2 * * *', handler: () => void ticks.times.push(ticks.now()) });
app.timer('earlyFriday', { schedule: '0 0 0 1-10 * FRI', handler: () => void ticks.fridays.push(ticks.now()) });
// Longer than the virtual clock waits before it jumps.
app.timer('slow', {
  schedule: '0 */5 * * * *',
  handler: async () => {
    ticks.running += 1;
    ticks.most = Math.max(ticks.most, ticks.running);
    for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve));
    ticks.running -= 1;
    ticks.slow += 1;
    if (ticks.failures-- > 0) throw new Error('The clock struck.');
  },
});
