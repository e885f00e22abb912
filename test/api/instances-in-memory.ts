import type { Progress, RunInput } from '../../lib/backup/run.ts';
import type { Instance, Instances } from '../../lib/api/instances.ts';

/** Durable's instances as a table. As in Azure, an instance that is terminated runs on until somebody has looked a few times. */
export class InstancesInMemory implements Instances {
  readonly table = new Map<string, Instance>();
  /** ids that were terminated, in order */
  readonly terminated: string[] = [];
  /** looks until a termination takes effect */
  lag = 0;
  /** looks until a start has begun; so long others are accepted as well, and take its place, as in Azure */
  startLag = 0;
  readonly #ending = new Map<string, number>();
  readonly #now: () => number;
  #toBegin = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  status(id: string): Promise<Instance | undefined> {
    const left = this.#ending.get(id);
    const found = this.table.get(id);
    if (left !== undefined && found !== undefined) {
      if (left > 0) this.#ending.set(id, left - 1);
      else this.#end(id, found);
    }
    const begun = this.table.get(id);
    if (begun?.pending === true && this.#toBegin-- <= 0) this.table.set(id, { ...begun, pending: false });
    const seen = this.table.get(id);
    return Promise.resolve(seen && { ...seen });
  }

  start(name: string, id: string, input: object): Promise<boolean> {
    if (name !== 'backup') throw new Error(`There is no orchestrator ${name}.`);
    const there = this.table.get(id);
    if (there?.running === true && !there.pending) return Promise.resolve(false);
    this.#toBegin = this.startLag;
    this.run(id, { input: input as RunInput, pending: this.startLag > 0 });
    return Promise.resolve(true);
  }

  terminate(id: string): Promise<void> {
    const found = this.table.get(id);
    if (found?.running !== true) return Promise.resolve();
    this.terminated.push(id);
    if (this.lag === 0) this.#end(id, found);
    else this.#ending.set(id, this.lag);
    return Promise.resolve();
  }

  purge(): Promise<void> {
    return Promise.resolve();
  }

  /** Puts a running instance in place, as an orchestrator would have started it. */
  run(id: string, more: Partial<Instance> = {}): void {
    const begun = { running: true, pending: false, input: undefined, progress: undefined, error: undefined };
    this.table.set(id, { ...begun, lastUpdated: this.#now(), ...more });
  }

  #end(id: string, instance: Instance): void {
    this.table.set(id, { ...instance, running: false });
    this.#ending.delete(id);
  }
}

/** What a lane shows of itself. */
export function progress(runId: string, more: Partial<Progress> = {}): Progress {
  return { runId, phase: 'items', total: 0, done: 0, failed: 0, ...more };
}
