import { Cron } from 'croner';

/** When a schedule comes next, epoch ms; undefined when it never does. @param schedule NCRONTAB, UTC @param now epoch ms */
export function nextTick(schedule: string, now: number): number | undefined {
  // Day of month and day of week must both fit, as in NCRONTAB; croner's own rule is either.
  const cron = new Cron(schedule, { paused: true, mode: '6-part', timezone: 'UTC', domAndDow: true });
  return cron.nextRun(new Date(now))?.getTime();
}
