/** Lets only so many activities run at a time; the others wait in line. */
export class Slots {
  readonly #most: number;
  readonly #line: (() => Promise<void>)[] = [];
  readonly #idle = new Set<() => void>();
  #running = 0;
  #begun = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** jobs that were begun so far */
  get begun(): number {
    return this.#begun;
  }

  /** Runs it when a slot is free. `job` must not throw. */
  run(job: () => Promise<void>): void {
    this.#line.push(job);
    this.#next();
  }

  /** Forgets the line and resolves when what runs has ended, or after `most` ms of real time. */
  async drain(most: number): Promise<void> {
    this.#line.length = 0;
    if (this.#running === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.#idle.add(resolve)),
      new Promise<void>((resolve) => (timer = setTimeout(resolve, most))),
    ]);
    clearTimeout(timer);
  }

  #next(): void {
    while (this.#running < this.#most) {
      const job = this.#line.shift();
      if (job === undefined) break;
      this.#running += 1;
      this.#begun += 1;
      void job().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
    if (this.#running === 0) for (const resolve of this.#idle) resolve();
  }
}
