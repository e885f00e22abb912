import type { Clock } from '../../clock.ts';
import type { VerifyProgress } from './turn.ts';

/** How far a verification is, and how fast it goes on. */
export interface Paced extends VerifyProgress {
  /** of what is counted; null as long as nobody can tell */
  perSecond: number | null;
  /** until the phase is over, at this pace; null as long as nobody can tell */
  secondsLeft: number | null;
}

/** Measures the pace of each phase. */
export class Pace {
  /** the last that was heard */
  now: Paced | undefined;
  readonly #clock: Clock;
  #began: (VerifyProgress & { at: number }) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes what a verification tells of itself. */
  hear(progress: VerifyProgress): Paced {
    const at = this.#clock.now();
    if (this.#began?.phase !== progress.phase) this.#began = { ...progress, at };
    const seconds = (at - this.#began.at) / 1000;
    const done = progress.done - this.#began.done;
    const perSecond = seconds > 0 && done > 0 ? done / seconds : null;
    const secondsLeft =
      perSecond === null ? null : Math.max(0, Math.round((progress.total - progress.done) / perSecond));
    this.now = { ...progress, perSecond: perSecond && Math.round(perSecond), secondsLeft };
    return this.now;
  }
}
