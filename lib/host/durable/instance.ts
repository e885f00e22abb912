import { History } from './history.ts';
import type { Action, HistoryEvent } from './protocol.ts';

/** Names of the states, as Durable's clients know them. */
export type Status = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** An attempt of a call with retry, or the pause before the next. */
export interface Retry {
  action: Action;
  attempt: number;
  /** when the first attempt began, epoch ms */
  first: number;
  /** is it the pause? */
  pause: boolean;
}

/** Who waits for a sub-orchestration, and under which id. */
export interface Parent {
  execution: Execution;
  taskId: number;
}

/** One orchestration. What has ended keeps its answer, and nothing of its history. */
export interface Instance {
  id: string;
  name: string;
  input: unknown;
  status: Status;
  output?: unknown;
  customStatus?: unknown;
  error?: string;
  /** what is under way; undefined once it has ended */
  execution: Execution | undefined;
  parent: Parent | undefined;
  /** takes it a turn at this moment? */
  isTurning: boolean;
  /** epoch ms */
  created: number;
  /** epoch ms */
  updated: number;
}

/**
 * An orchestration from its start, or from its last continueAsNew, on. Task ids count from 0 in each, so whatever comes
 * late for an earlier one must be told from what is meant for this: everything that answers holds the execution.
 */
export interface Execution {
  instance: Instance;
  /** no other execution in this process has it */
  n: number;
  history: History;
  /** events that are still to come, one a turn */
  queue: HistoryEvent[];
  /** the next id of a task */
  nextId: number;
  /** all that it has asked for since it began */
  actions: readonly Action[];
  retries: Map<number, Retry>;
  /** activities, timers and children that it waits for */
  waitsFor: Set<number>;
  /** events from outside, by name: how many it waits for, less how many came */
  listens: Map<string, number>;
  children: Set<Instance>;
  /** ends its timers */
  over: AbortController;
}

/** An orchestration that begins. */
export function newInstance(
  id: string,
  name: string,
  input: unknown,
  now: number,
  parent: Parent | undefined,
): Instance {
  const started = { execution: undefined, parent, isTurning: false, created: now, updated: now };
  return { id, name, input, status: 'Pending', ...started };
}

/** Its execution from the beginning. */
export function newExecution(instance: Instance, n: number): Execution {
  return {
    instance,
    n,
    history: new History(),
    queue: [],
    nextId: 0,
    actions: [],
    retries: new Map(),
    waitsFor: new Set(),
    listens: new Map(),
    children: new Set(),
    over: new AbortController(),
  };
}

/** Is it what its orchestration is doing now? */
export function isCurrent(execution: Execution): boolean {
  return execution.instance.execution === execution;
}

/** Will anything ever give it another turn? */
export function isWaiting({ waitsFor, queue, listens }: Execution): boolean {
  return waitsFor.size > 0 || queue.length > 0 || [...listens.values()].some((count) => count > 0);
}

/** Counts an event from outside that is waited for (1), or that came (-1). */
export function countEvent({ listens }: Execution, name: string, by: 1 | -1): void {
  listens.set(name, (listens.get(name) ?? 0) + by);
}
