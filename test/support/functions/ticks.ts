/** What the timers of test/support did, and what a test wants of them. */
class Ticks {
  now = (): number => 0;
  times: number[] = [];
  fridays: number[] = [];
  slow = 0;
  running = 0;
  most = 0;
  failures = 0;

  /** As if none had ticked. */
  clear(): void {
    Object.assign(this, { times: [], fridays: [], slow: 0, running: 0, most: 0, failures: 0 });
  }
}

/** Registers no function, so that a test may import it before there is a host. */
export const ticks = new Ticks();
