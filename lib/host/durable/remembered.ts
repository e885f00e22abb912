import type { Execution, Instance } from './instance.ts';

/** Which orchestrations there are, ended ones too, and who waits for the end of which. */
export class Remembered {
  readonly all = new Map<string, Instance>();
  readonly #awaited = new Map<Instance, PromiseWithResolvers<Instance>>();
  #closed: Error | undefined;

  /** Resolves when the orchestration has ended; rejects when there is none of this id, or all of it was closed before. */
  async ended(id: string): Promise<Instance> {
    const instance = this.all.get(id);
    if (instance === undefined) throw new Error(`There is no orchestration ${id}.`);
    if (!instance.execution) return instance;
    if (this.#closed) throw this.#closed;
    const awaited = this.#awaited.get(instance) ?? Promise.withResolvers<Instance>();
    this.#awaited.set(instance, awaited);
    return awaited.promise;
  }

  /** Ends an execution's timers, and forgets the children that have ended; the others are forgotten when they end. */
  leave(execution: Execution): void {
    execution.instance.execution = undefined;
    execution.over.abort(new Error('The orchestration is over.'));
    for (const child of execution.children) if (!child.execution) this.forget(child);
  }

  /** Nobody will ask for it any more. */
  forget(instance: Instance): void {
    if (this.all.get(instance.id) === instance) this.all.delete(instance.id);
  }

  /** Tells who waits that it has ended. */
  tell(instance: Instance): void {
    this.#awaited.get(instance)?.resolve(instance);
    this.#awaited.delete(instance);
  }

  /** No timer goes off any more, and who waits hears why. */
  close(why: Error): void {
    this.#closed = why;
    for (const { execution } of this.all.values()) execution?.over.abort(why);
    for (const { reject } of this.#awaited.values()) reject(why);
    this.#awaited.clear();
  }
}
