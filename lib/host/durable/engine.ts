import type { Clock } from '../../clock.ts';
import { ConflictError } from './conflict.ts';
import type { TypedData } from '../core-module.ts';
import { isCurrent, newExecution, newInstance, type Execution, type Instance, type Parent } from './instance.ts';
import { actionType, eventType, type Action, type HistoryEvent } from './protocol.ts';
import { Remembered } from './remembered.ts';
import { Slots } from './slots.ts';
import { Tasks, valueOf } from './tasks.ts';
import { accept, checkSize, checkStuck, childAnswer, hear, replay } from './turn.ts';

/** What the engine is made of. */
export interface EngineParts {
  clock: Clock;
  /** activities at a time */
  maxActivities: number;
  invoke(name: string, data: TypedData): Promise<TypedData>;
  /** hears of every turn; for tests */
  observe?: ((turn: Turn) => void) | undefined;
}

/** One turn of an orchestration, as an observer sees it. */
export interface Turn {
  id: string;
  name: string;
  /** events */
  history: number;
  /** bytes of the message that carries the new event */
  message: number;
}

/** What an engine has done, and what it holds. */
export interface EngineStats {
  turns: number;
  activities: number;
  /** orchestrations that are remembered, ended ones too */
  instances: number;
}

/**
 * Plays the Durable extension with the real replay code of durable-functions: history in, actions out, one new event a
 * turn (azure-functions.md, section 4). Everything is in memory; a process that ends forgets its runs, and the next run
 * finds what they left in the store.
 */
export class Engine {
  readonly #parts: EngineParts;
  readonly #slots: Slots;
  readonly #tasks: Tasks;
  readonly #remembered = new Remembered();
  #closed: Error | undefined;
  #turns = 0;
  #executions = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#slots = new Slots(parts.maxActivities);
    this.#tasks = new Tasks({
      clock: parts.clock,
      slots: this.#slots,
      invoke: (name, data) => parts.invoke(name, data),
      post: (execution, event) => this.#post(execution, event),
      startChild: (name, id, input, parent) => this.start(name, id, input, parent),
    });
  }

  /** By their ids, ended ones too. */
  get instances(): ReadonlyMap<string, Instance> {
    return this.#remembered.all;
  }

  /** So far. */
  stats(): EngineStats {
    return { turns: this.#turns, activities: this.#slots.begun, instances: this.instances.size };
  }

  /**
   * Begins an orchestration. Throws RangeError for an input too large, and ConflictError when one of this id is under way; a child
   * takes its place: in Azure Storage a new execution of an id makes what comes for the one before count for nothing.
   */
  start(name: string, id: string, input: unknown, parent?: Parent): Instance {
    const old = this.instances.get(id);
    if (old?.execution && parent === undefined)
      throw new ConflictError(`An Orchestration instance with the status ${old.status} already exists.`);
    checkSize(`The input of '${name}'`, input);
    if (old?.execution) this.#remembered.leave(old.execution);
    const instance = newInstance(id, name, input, this.#parts.clock.now(), parent);
    this.#remembered.all.set(id, instance);
    this.#begin(instance, []);
    return instance;
  }

  /** Gives an orchestration an event from outside. Throws RangeError when it is too large. */
  raise({ execution }: Instance, name: string, input: string): void {
    checkSize(`The event '${name}'`, input);
    if (execution) this.#post(execution, { EventType: eventType.eventRaised, Name: name, Input: input });
  }

  /** Ends an orchestration. As in Azure, its children go on. */
  terminate({ execution }: Instance, reason: string): void {
    if (execution) this.#end(execution, 'Terminated', { output: reason });
  }

  /** Stops or goes on taking turns. */
  suspend(instance: Instance, suspended: boolean): void {
    if (!instance.execution) return;
    instance.status = suspended ? 'Suspended' : 'Running';
    if (!suspended) void this.#takeTurns(instance);
  }

  /** Resolves when the orchestration has ended; rejects when there is none of this id, or the engine was closed before. */
  ended(id: string): Promise<Instance> {
    return this.#remembered.ended(id);
  }

  /** Nobody will ask for this one any more, which has ended. */
  forget(instance: Instance): void {
    this.#remembered.forget(instance);
  }

  /** No new turns, activities or timers; resolves when the activities under way have ended, or after `most` ms. */
  async close(most: number): Promise<void> {
    this.#closed = new Error('The host was closed before the orchestration ended.');
    this.#remembered.close(this.#closed);
    await this.#slots.drain(most);
  }

  /** Begins an instance, or begins it anew; `events` are for it to hear first. */
  #begin(instance: Instance, events: HistoryEvent[]): void {
    const execution = newExecution(instance, ++this.#executions);
    instance.execution = execution;
    const { name, input } = instance;
    const started = { EventType: eventType.executionStarted, Name: name, Input: JSON.stringify(input ?? null) };
    execution.queue.push({ ...started, EventId: -1, Version: '' }, ...events);
    void this.#takeTurns(instance);
  }

  #post(execution: Execution, event: HistoryEvent): void {
    if (!isCurrent(execution)) return;
    execution.queue.push(event);
    void this.#takeTurns(execution.instance);
  }

  async #takeTurns(instance: Instance): Promise<void> {
    if (instance.isTurning) return;
    instance.isTurning = true;
    while (instance.execution && instance.status !== 'Suspended' && !this.#closed) {
      const { execution } = instance;
      const event = execution.queue.shift();
      if (event === undefined) break;
      try {
        await this.#turn(execution, event);
      } catch (error) {
        this.#end(execution, 'Failed', { error: error instanceof Error ? error.message : String(error) });
      }
    }
    // In the same breath as the look into the queue, so that no event comes in between and lies there for ever.
    instance.isTurning = false;
  }

  async #turn(execution: Execution, event: HistoryEvent): Promise<void> {
    this.#hear(execution, event);
    const state = await replay(execution, (name, data) => this.#parts.invoke(name, data));
    if (!isCurrent(execution) || this.#closed) return;
    execution.history.markPlayed();
    const fresh = accept(execution, state);
    if (state.error !== undefined) return this.#end(execution, 'Failed', { error: state.error });
    const again = fresh.find((action) => action.actionType === actionType.continueAsNew);
    if (again) return this.#beginAnew(execution, again);
    this.#tasks.goOn(execution, event);
    for (const action of fresh) this.#tasks.begin(execution, action);
    if (state.isDone) return this.#complete(execution, state.output);
    execution.history.add({ EventType: eventType.orchestratorCompleted, IsPlayed: true }, this.#parts.clock.now());
    checkStuck(execution);
  }

  /** Puts the event into the history, and tells the observer. */
  #hear(execution: Execution, event: HistoryEvent): void {
    hear(execution, event, this.#parts.clock.now());
    const { instance, history } = execution;
    const { id, name } = instance;
    this.#turns += 1;
    this.#parts.observe?.({ id, name, history: history.length, message: JSON.stringify(event).length });
  }

  /** Only events from outside go over into the next execution, as in DTFx. */
  #beginAnew(execution: Execution, { input }: Action): void {
    const { instance, queue } = execution;
    checkSize(`The next input of '${instance.name}'`, input);
    this.#remembered.leave(execution);
    instance.input = valueOf(input);
    instance.customStatus = undefined;
    this.#begin(
      instance,
      queue.filter(({ EventType }) => EventType === eventType.eventRaised),
    );
  }

  #complete(execution: Execution, output: unknown): void {
    checkSize(`The output of '${execution.instance.name}'`, output);
    this.#end(execution, 'Completed', { output });
  }

  #end(execution: Execution, status: Instance['status'], end: { output?: unknown; error?: string }): void {
    if (!isCurrent(execution)) return;
    const { instance } = execution;
    Object.assign(instance, { status, ...end, updated: this.#parts.clock.now() });
    this.#remembered.leave(execution);
    const { parent } = instance;
    if (parent && isCurrent(parent.execution)) this.#post(parent.execution, childAnswer(instance, parent.taskId));
    // Nobody asks for a child whose parent has ended.
    else if (parent) this.#remembered.forget(instance);
    this.#remembered.tell(instance);
  }
}
