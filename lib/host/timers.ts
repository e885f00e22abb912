import type { Clock } from '../clock.ts';
import { nextTick } from '../schedule.ts';
import { functions, triggerOf, type TypedData } from './core-module.ts';

/** What timers need. */
export interface TimerParts {
  clock: Clock;
  signal: AbortSignal;
  invoke: (name: string, data: TypedData) => Promise<TypedData>;
  /** hears of a tick that failed */
  failed: (name: string, error: unknown) => void;
}

/** Fires every timer function on its schedule, in UTC as Azure does, until the signal; never two ticks of one at a time. */
export function startTimers(parts: TimerParts): void {
  for (const fn of functions.values()) {
    const schedule = triggerOf(fn, 'timerTrigger')?.schedule;
    if (schedule !== undefined) void tick(fn.metadata.name, schedule, parts);
  }
}

async function tick(name: string, schedule: string, { clock, signal, invoke, failed }: TimerParts): Promise<void> {
  while (!signal.aborted) {
    const next = nextTick(schedule, clock.now());
    if (next === undefined) return;
    try {
      // In steps: a timer of Node stands still while a laptop sleeps, and cannot wait longer than 24 days.
      for (let left = next - clock.now(); left > 0; left = next - clock.now()) {
        await clock.sleep(Math.min(left, step), signal);
      }
      await invoke(name, timerData);
    } catch (error) {
      if (signal.aborted) return;
      failed(name, error);
    }
  }
}

/** ms */
const step = 600_000;

/** What a timer function receives. */
export const timerData: TypedData = {
  json: JSON.stringify({ schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false }),
};
