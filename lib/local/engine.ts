import type { Clock } from '../clock.ts';
import type { TypedData } from './core-module.ts';
import { drop, isOpen, newInstance, type Instance, type Retry } from './instance.ts';
import { jsonOf } from './invoke.ts';
import { actionType, eventType, type Action, type HistoryEvent } from './protocol.ts';
import { checkSize, difference, failedState, readState, turnPayload } from './turn.ts';
import { Slots } from './slots.ts';

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

/** An instance of this id is under way already. */
export class ConflictError extends Error {}

/**
 * Plays the Durable extension with the real replay code of durable-functions: history in, actions out, one new event a
 * turn (azure-functions.md, section 4). Everything is in memory; a process that ends forgets its runs, and the next run
 * finds what they left in the store.
 */
export class Engine {
  readonly instances = new Map<string, Instance>();
  readonly #parts: EngineParts;
  readonly #slots: Slots;
  readonly #ended = new Map<string, (() => void)[]>();
  readonly #closing = new AbortController();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#slots = new Slots(parts.maxActivities);
  }

  /** Begins an orchestration. Throws ConflictError when one of this id is under way. */
  start(name: string, id: string, input: unknown, parent?: Instance['parent']): void {
    const old = this.instances.get(id);
    if (old && isOpen(old))
      throw new ConflictError(`An Orchestration instance with the status ${old.status} already exists.`);
    const instance = newInstance(id, name, input, this.#parts.clock.now(), parent);
    this.instances.set(id, instance);
    this.#begin(instance);
  }

  /** Gives an orchestration an event from outside. */
  raise(instance: Instance, name: string, input: string): void {
    this.#post(instance, { EventType: eventType.eventRaised, Name: name, Input: input });
  }

  /** Ends an orchestration. As in Azure, its children go on. */
  terminate(instance: Instance, reason: string): void {
    if (isOpen(instance)) this.#end(instance, 'Terminated', { output: reason });
  }

  /** Stops or goes on taking turns. */
  suspend(instance: Instance, suspended: boolean): void {
    if (!isOpen(instance)) return;
    instance.status = suspended ? 'Suspended' : 'Running';
    if (!suspended) this.#pump(instance);
  }

  /** Resolves when the orchestration has ended. */
  async ended(id: string): Promise<Instance> {
    const instance = this.instances.get(id);
    if (instance === undefined) throw new Error(`There is no orchestration ${id}.`);
    if (isOpen(instance)) {
      await new Promise<void>((resolve) => this.#ended.set(id, [...(this.#ended.get(id) ?? []), resolve]));
    }
    return this.instances.get(id) ?? instance;
  }

  /** No new turns, activities or timers; resolves when the activities under way have ended, or after `most` ms. */
  async close(most: number): Promise<void> {
    this.#closing.abort(new Error('The host is closing.'));
    await this.#slots.drain(most);
  }

  #begin(instance: Instance): void {
    const { name, input } = instance;
    const event = {
      EventType: eventType.executionStarted,
      EventId: -1,
      Name: name,
      Input: JSON.stringify(input ?? null),
      Version: '',
    };
    this.#post(instance, event);
  }

  #post(instance: Instance, event: HistoryEvent): void {
    if (!isOpen(instance)) return;
    instance.queue.push(event);
    this.#pump(instance);
  }

  #pump(instance: Instance): void {
    if (instance.busy || this.#closing.signal.aborted) return;
    instance.busy = true;
    void this.#turns(instance).finally(() => (instance.busy = false));
  }

  async #turns(instance: Instance): Promise<void> {
    while (isOpen(instance) && instance.status !== 'Suspended' && !this.#closing.signal.aborted) {
      const event = instance.queue.shift();
      if (event === undefined) return;
      try {
        await this.#turn(instance, event);
      } catch (error) {
        this.#end(instance, 'Failed', { error: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  async #turn(instance: Instance, event: HistoryEvent): Promise<void> {
    const taskId = event.TaskScheduledId ?? event.TimerId;
    instance.status = 'Running';
    instance.updated = this.#parts.clock.now();
    instance.history.push(this.#stamped({ EventType: eventType.orchestratorStarted }), this.#stamped(event));
    if (taskId !== undefined) {
      instance.waitsFor.delete(taskId);
      const retry = instance.retries.get(taskId);
      instance.retries.delete(taskId);
      if (retry) this.#goOn(instance, retry, event);
    }
    this.#parts.observe?.({
      id: instance.id,
      name: instance.name,
      history: instance.history.length,
      message: JSON.stringify(event).length,
    });
    const state = await this.#replay(instance);
    for (const each of instance.history) each.IsPlayed = true;
    if (!isOpen(instance)) return;
    const actions = state.actions[0] ?? [];
    const changed = difference(instance.actions, actions);
    if (changed !== undefined) throw new Error(`The orchestrator '${instance.name}' is not deterministic: ${changed}.`);
    if (state.customStatus !== undefined) {
      checkSize(`The custom status of '${instance.name}'`, state.customStatus);
      instance.customStatus = state.customStatus;
    }
    const fresh = actions.slice(instance.actions.length);
    instance.actions = actions;
    const again = fresh.find((action) => action.actionType === actionType.continueAsNew);
    if (again) return this.#beginAnew(instance, again);
    for (const action of fresh) this.#schedule(instance, action);
    instance.history.push(this.#stamped({ EventType: eventType.orchestratorCompleted, IsPlayed: true }));
    if (state.error !== undefined) return this.#end(instance, 'Failed', { error: state.error });
    if (state.isDone) {
      checkSize(`The output of '${instance.name}'`, state.output);
      return this.#end(instance, 'Completed', { output: state.output });
    }
    this.#checkStuck(instance);
  }

  async #replay(instance: Instance) {
    try {
      return readState(jsonOf(await this.#parts.invoke(instance.name, { string: turnPayload(instance) })));
    } catch (error) {
      return failedState(error);
    }
  }

  #checkStuck(instance: Instance): void {
    if (instance.waitsFor.size > 0 || instance.queue.length > 0 || instance.listens) return;
    const last = JSON.stringify(instance.actions.at(-1) ?? null);
    throw new Error(
      `The orchestrator '${instance.name}' is stuck: it waits for nothing that will ever come (${last}).`,
    );
  }

  #beginAnew(instance: Instance, { input }: Action): void {
    checkSize(`The next input of '${instance.name}'`, input);
    const { queue } = instance;
    drop(instance);
    Object.assign(instance, { nextId: 0, listens: false, input: valueOf(input) });
    this.#begin(instance);
    instance.queue.push(...queue);
  }

  #schedule(instance: Instance, action: Action): void {
    switch (action.actionType) {
      case actionType.callActivity:
      case actionType.callActivityWithRetry:
      case actionType.callSub:
      case actionType.callSubWithRetry:
        return this.#attempt(instance, { action, attempt: 1, pause: false });
      case actionType.createTimer:
        return this.#timer(instance, new Date(action.fireAt ?? 0).getTime());
      case actionType.whenAll:
        if ((action.compoundActions ?? []).length === 0) throw new Error('Task.all of nothing fails in Azure.');
        return action.compoundActions?.forEach((each) => this.#schedule(instance, each));
      case actionType.whenAny:
        return action.compoundActions?.forEach((each) => this.#schedule(instance, each));
      case actionType.waitForEvent:
        instance.listens = true;
        return;
      default:
        throw new Error(`The action ${action.actionType} of '${instance.name}' is not known to the local host.`);
    }
  }

  #attempt(instance: Instance, retry: Retry): void {
    const id = instance.nextId++;
    const { action } = retry;
    instance.waitsFor.add(id);
    if (action.retryOptions !== undefined) instance.retries.set(id, retry);
    checkSize(`The input of '${action.functionName}'`, action.input);
    if (action.actionType === actionType.callSub || action.actionType === actionType.callSubWithRetry)
      this.#child(instance, id, action);
    else this.#activity(instance, id, action);
  }

  /** DTFx waits after every failed attempt, also after the last one; only then the orchestrator hears of it. */
  #goOn(instance: Instance, { action, attempt, pause }: Retry, { EventType: type }: HistoryEvent): void {
    const options = action.retryOptions;
    if (options === undefined) return;
    if (pause) {
      if (attempt < options.maxNumberOfAttempts)
        this.#attempt(instance, { action, attempt: attempt + 1, pause: false });
      return;
    }
    if (type !== eventType.taskFailed && type !== eventType.subFailed) return;
    const delay = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 1);
    const id = instance.nextId;
    instance.retries.set(id, { action, attempt, pause: true });
    this.#timer(
      instance,
      this.#parts.clock.now() + Math.min(delay, options.maxRetryIntervalInMilliseconds ?? Infinity),
    );
  }

  #activity(instance: Instance, id: number, { functionName = '', input }: Action): void {
    instance.history.push(
      this.#stamped({ EventType: eventType.taskScheduled, EventId: id, Name: functionName, IsPlayed: true }),
    );
    const value = valueOf(input);
    this.#slots.run(async () => {
      // The orchestration may have ended while this waited for its turn.
      if (!isOpen(instance) || this.#closing.signal.aborted) return;
      try {
        const given = typeof value === 'string' ? { string: value } : { json: JSON.stringify(value ?? null) };
        const result = jsonOf(await this.#parts.invoke(functionName, given));
        checkSize(`The output of '${functionName}'`, result);
        this.#post(instance, { EventType: eventType.taskCompleted, TaskScheduledId: id, Result: result });
      } catch (error) {
        const { message = String(error) } = error as Error;
        const Reason = `Activity function '${functionName}' failed: ${message}`;
        this.#post(instance, { EventType: eventType.taskFailed, TaskScheduledId: id, Reason, Details: '' });
      }
    });
  }

  #child(instance: Instance, id: number, { functionName = '', instanceId, input }: Action): void {
    const child = instanceId ?? `${instance.id}:${id}`;
    instance.children.add(child);
    instance.history.push(
      this.#stamped({
        EventType: eventType.subCreated,
        EventId: id,
        Name: functionName,
        InstanceId: child,
        IsPlayed: true,
      }),
    );
    try {
      this.start(functionName, child, valueOf(input), { id: instance.id, taskId: id });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      this.#post(instance, { EventType: eventType.subFailed, TaskScheduledId: id, Reason: error.message, Details: '' });
    }
  }

  #timer(instance: Instance, at: number): void {
    const id = instance.nextId++;
    const fireAt = new Date(at).toISOString();
    instance.waitsFor.add(id);
    instance.history.push(
      this.#stamped({ EventType: eventType.timerCreated, EventId: id, FireAt: fireAt, IsPlayed: true }),
    );
    const { clock } = this.#parts;
    const fire = () => this.#post(instance, { EventType: eventType.timerFired, TimerId: id, FireAt: fireAt });
    clock.sleep(Math.max(0, at - clock.now()), this.#closing.signal).then(fire, (error: unknown) => {
      if (!this.#closing.signal.aborted) throw error;
    });
  }

  #end(instance: Instance, status: Instance['status'], end: { output?: unknown; error?: string }): void {
    const { children } = instance;
    Object.assign(instance, { status, ...end, updated: this.#parts.clock.now() });
    drop(instance);
    for (const child of children) if (!isOpen(this.instances.get(child) ?? instance)) this.instances.delete(child);
    const parent = instance.parent && this.instances.get(instance.parent.id);
    if (parent && isOpen(parent)) this.#tell(parent, instance);
    // Nobody asks for a child whose parent has ended.
    else if (instance.parent) this.instances.delete(instance.id);
    for (const resolve of this.#ended.get(instance.id) ?? []) resolve();
    this.#ended.delete(instance.id);
  }

  #tell(parent: Instance, { name, parent: link, status, output, error }: Instance): void {
    const TaskScheduledId = link?.taskId ?? -1;
    if (status === 'Completed') {
      return this.#post(parent, {
        EventType: eventType.subCompleted,
        TaskScheduledId,
        Result: JSON.stringify(output ?? null),
      });
    }
    const Reason = `Sub-orchestrator function '${name}' failed: ${error ?? String(output)}`;
    this.#post(parent, { EventType: eventType.subFailed, TaskScheduledId, Reason, Details: '' });
  }

  #stamped(event: HistoryEvent): HistoryEvent {
    return { EventId: -1, IsPlayed: false, ...event, Timestamp: new Date(this.#parts.clock.now()).toISOString() };
  }
}

/** Inputs travel as JSON text or as values, by the kind of action. */
function valueOf(input: unknown): unknown {
  return typeof input === 'string' ? (JSON.parse(input) as unknown) : input;
}
