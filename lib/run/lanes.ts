/** An activity that waits for a lane. */
interface Waiting {
  go: () => void;
  /** it goes ahead of those whose number is higher */
  number: number;
}

/** So many that come later overtake one that lets others begin; more would keep it under way until the host ends it. */
const mostOvertaking = 16;

/**
 * Who asks the portal in this worker: each activity one thing after the other, on a lane that it has alone meanwhile. There may be more
 * activities than lanes; then who came first begins first, and an activity that does many things lets others go between them. One that has much
 * to ask may borrow the lanes that are idle, so that one member's layers take no longer than those of many.
 */
export class Lanes {
  readonly #most: number;
  /** by activities, and lent */
  #taken = 0;
  /** activities that have had to wait so far */
  #came = 0;
  /** to begin; only while all lanes are taken */
  readonly #coming: Waiting[] = [];
  /** to go on, behind those and some more */
  readonly #between: Waiting[] = [];

  /** @param most BACKUP_CONCURRENCY */
  constructor(most: number) {
    this.#most = most;
  }

  /** Runs an activity once there is a lane for it. @param isFirst does it begin before all others that wait? */
  async run<T>(act: () => Promise<T>, isFirst = false): Promise<T> {
    if (this.#taken < this.#most) this.#taken += 1;
    else await this.#turnOf(isFirst);
    try {
      return await act();
    } finally {
      this.#give();
    }
  }

  /** An activity asks for it between two things: those that wait to begin go first, and some that come later; then it goes on. */
  async letOthers(): Promise<void> {
    if (this.#coming.length === 0) return;
    const again = new Promise<void>((go) => this.#between.push({ go, number: this.#came + mostOvertaking }));
    this.#give();
    await again;
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
      while (isLeft() && this.#taken < this.#most) lent.push(this.#lend(next).then(borrow));
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

  #turnOf(isFirst: boolean): Promise<void> {
    return new Promise((go) => {
      const waiting = { go, number: ++this.#came };
      if (isFirst) this.#coming.unshift(waiting);
      else this.#coming.push(waiting);
    });
  }

  /** Until one question is answered: an activity that begins waits no longer. */
  async #lend(ask: () => Promise<void>): Promise<void> {
    this.#taken += 1;
    await ask();
    this.#give();
  }

  /** To who is next, or back. */
  #give(): void {
    const [coming] = this.#coming;
    const [between] = this.#between;
    const isTurn = between !== undefined && (coming === undefined || between.number < coming.number);
    const next = (isTurn ? this.#between : this.#coming).shift();
    if (next === undefined) this.#taken -= 1;
    else next.go();
  }
}
