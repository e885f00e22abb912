/**
 * Who asks the portal in this worker: each activity one thing after the other, and no more of them at a time than there are
 * lanes. An activity that has much to ask may borrow the lanes that are idle meanwhile, so that one member's layers take no longer than
 * those of many.
 */
export class Lanes {
  readonly #most: number;
  #activities = 0;
  #lent = 0;
  #waiting: (() => void)[] = [];

  /** @param most BACKUP_CONCURRENCY */
  constructor(most: number) {
    this.#most = most;
  }

  /** Runs an activity. It begins once there is a lane for it that nobody has borrowed; never does it wait for another activity. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    // It counts at once, so that nobody borrows the lane again.
    this.#activities += 1;
    try {
      while (this.#lent > 0 && this.#activities + this.#lent > this.#most)
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return await act();
    } finally {
      this.#activities -= 1;
    }
  }

  /**
   * Asks for each of them, on the lane of the activity that calls and on those that are idle; the answers in their order. Of what
   * throws the first is thrown, once nothing is under way any more; what was not begun by then is let be.
   */
  async map<T, O>(all: readonly T[], ask: (each: T) => Promise<O>): Promise<O[]> {
    const left = all.entries();
    const answers: O[] = [];
    const errors: unknown[] = [];
    const lent: Promise<void>[] = [];
    let rest = all.length;
    const isLeft = () => rest > 0 && errors.length === 0;
    const next = async () => {
      rest -= 1;
      const { value: [n, each] = [] } = left.next();
      if (n === undefined) return;
      try {
        answers[n] = await ask(each as T);
      } catch (error) {
        errors.push(error);
      }
    };
    const borrow = () => {
      while (isLeft() && this.#activities + this.#lent < this.#most) lent.push(this.#lend(next).then(borrow));
    };
    while (isLeft()) {
      borrow();
      if (isLeft()) await next();
    }
    // Those that come to an end may borrow again until nothing is left.
    for (const each of lent) await each;
    if (errors.length > 0) throw errors[0] as Error;
    return answers;
  }

  /** Until one question is answered: an activity that begins waits no longer. */
  async #lend(ask: () => Promise<void>): Promise<void> {
    this.#lent += 1;
    await ask();
    this.#lent -= 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
