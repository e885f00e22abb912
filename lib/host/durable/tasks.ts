import type { Clock } from '../../clock.ts';
import type { TypedData } from '../core-module.ts';
import { countEvent, isCurrent, type Execution, type Instance, type Parent, type Retry } from './instance.ts';
import { jsonOf } from '../invoke.ts';
import { actionType, eventType, type Action, type HistoryEvent } from './protocol.ts';
import { afterAttempt } from './retry.ts';
import type { Slots } from './slots.ts';
import { checkSize } from './turn.ts';

/** What tasks need of the engine. */
export interface TasksParts {
  clock: Clock;
  slots: Slots;
  invoke(name: string, data: TypedData): Promise<TypedData>;
  /** gives an orchestration its answer */
  post: (execution: Execution, event: HistoryEvent) => void;
  /** in the place of one of this id that is under way */
  startChild(name: string, id: string, input: unknown, parent: Parent): Instance;
}

/** Does what orchestrators ask for: activities, children, timers. Ids are given in the order of durable-functions. */
export class Tasks {
  readonly #parts: TasksParts;

  constructor(parts: TasksParts) {
    this.#parts = parts;
  }

  /** Begins what an action asks for. Throws for what is too large to travel, or not played here. */
  begin(execution: Execution, action: Action): void {
    switch (action.actionType) {
      case actionType.callActivity:
      case actionType.callActivityWithRetry:
      case actionType.callSub:
      case actionType.callSubWithRetry:
        return this.#attempt(execution, { action, attempt: 1, first: this.#parts.clock.now(), pause: false });
      case actionType.createTimer:
        return this.#timer(execution, new Date(action.fireAt ?? 0).getTime());
      case actionType.whenAll:
      case actionType.whenAny:
        return action.compoundActions?.forEach((each) => this.begin(execution, each));
      case actionType.waitForEvent:
        return countEvent(execution, action.externalEventName ?? '', 1);
      default:
        throw new Error(
          `The local host does not play action ${action.actionType} of '${execution.instance.name}': no entities, no locks, no callHttp.`,
        );
    }
  }

  /**
   * Goes on with the retries of a task that answered, before what the orchestrator asked for in the same turn: so their ids
   * come first. Not before that turn, for an orchestrator that fails in it begins nothing.
   */
  goOn(execution: Execution, event: HistoryEvent): void {
    const taskId = event.TaskScheduledId ?? event.TimerId;
    if (taskId === undefined) return;
    const retry = execution.retries.get(taskId);
    execution.waitsFor.delete(taskId);
    execution.retries.delete(taskId);
    if (retry === undefined) return;
    const now = this.#parts.clock.now();
    const next = afterAttempt(retry, event, now);
    if (next === undefined) return;
    if ('attempt' in next) return this.#attempt(execution, { ...retry, attempt: next.attempt, pause: false });
    execution.retries.set(execution.nextId, { ...retry, pause: true });
    this.#timer(execution, now + next.pause);
  }

  #attempt(execution: Execution, retry: Retry): void {
    const id = execution.nextId++;
    const { action } = retry;
    execution.waitsFor.add(id);
    if (action.retryOptions !== undefined) execution.retries.set(id, retry);
    checkSize(`The input of '${action.functionName}'`, action.input);
    if (action.actionType === actionType.callSub || action.actionType === actionType.callSubWithRetry)
      this.#child(execution, id, action);
    else this.#activity(execution, id, action);
  }

  #activity(execution: Execution, id: number, { functionName = '', input }: Action): void {
    this.#record(execution, { EventType: eventType.taskScheduled, EventId: id, Name: functionName });
    const value = valueOf(input);
    const given = typeof value === 'string' ? { string: value } : { json: JSON.stringify(value ?? null) };
    this.#parts.slots.run(async () => {
      // The orchestration may have ended while this waited in line.
      if (!isCurrent(execution)) return;
      this.#parts.post(execution, await this.#answer(functionName, id, given));
    });
  }

  async #answer(name: string, id: number, given: TypedData): Promise<HistoryEvent> {
    try {
      const result = jsonOf(await this.#parts.invoke(name, given));
      checkSize(`The output of '${name}'`, result);
      return { EventType: eventType.taskCompleted, TaskScheduledId: id, Result: result };
    } catch (error) {
      const Reason = `Activity function '${name}' failed: ${error instanceof Error ? error.message : String(error)}`;
      return { EventType: eventType.taskFailed, TaskScheduledId: id, Reason, Details: '' };
    }
  }

  #child(execution: Execution, id: number, { functionName = '', instanceId, input }: Action): void {
    // As in DTFx, where it begins with the id of the parent's execution: none has it twice.
    const child = instanceId ?? `${execution.instance.id}:${execution.n}:${id}`;
    this.#record(execution, {
      EventType: eventType.subCreated,
      EventId: id,
      Name: functionName,
      InstanceId: child,
    });
    const parent = { execution, taskId: id };
    execution.children.add(this.#parts.startChild(functionName, child, valueOf(input), parent));
  }

  #timer(execution: Execution, at: number): void {
    const id = execution.nextId++;
    const { clock, post } = this.#parts;
    const FireAt = new Date(at).toISOString();
    execution.waitsFor.add(id);
    this.#record(execution, { EventType: eventType.timerCreated, EventId: id, FireAt });
    const { signal } = execution.over;
    clock.sleep(Math.max(0, at - clock.now()), signal).then(
      () => post(execution, { EventType: eventType.timerFired, TimerId: id, FireAt }),
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  #record({ history }: Execution, event: HistoryEvent): void {
    history.add({ ...event, IsPlayed: true }, this.#parts.clock.now());
  }
}

/** Inputs travel as JSON text or as values, by the kind of action. */
export function valueOf(input: unknown): unknown {
  return typeof input === 'string' ? (JSON.parse(input) as unknown) : input;
}
