import type { Action, HistoryEvent } from './protocol.ts';

/** Names of the states, as Durable's clients know them. */
export type Status = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** An attempt of a call with retry, or the pause before the next. */
export interface Retry {
  action: Action;
  attempt: number;
  /** is it the pause? */
  pause: boolean;
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
  history: HistoryEvent[];
  /** events that are still to come, one a turn */
  queue: HistoryEvent[];
  /** the next id of a task */
  nextId: number;
  /** all that it has asked for since it began */
  actions: Action[];
  retries: Map<number, Retry>;
  /** activities, timers and children that it waits for */
  waitsFor: Set<number>;
  /** does it wait for an event from outside? */
  listens: boolean;
  parent?: { id: string; taskId: number };
  children: Set<string>;
  busy: boolean;
  /** epoch ms */
  created: number;
  /** epoch ms */
  updated: number;
}

/** An orchestration that begins. */
export function newInstance(
  id: string,
  name: string,
  input: unknown,
  now: number,
  parent?: Instance['parent'],
): Instance {
  return {
    id,
    name,
    input,
    status: 'Pending',
    history: [],
    queue: [],
    nextId: 0,
    actions: [],
    retries: new Map(),
    waitsFor: new Set(),
    listens: false,
    ...(parent && { parent }),
    children: new Set(),
    busy: false,
    created: now,
    updated: now,
  };
}

/** Is it still under way? */
export function isOpen({ status }: Pick<Instance, 'status'>): boolean {
  return status === 'Pending' || status === 'Running' || status === 'Suspended';
}

/** Lets go of everything but the answer. */
export function drop(instance: Instance): void {
  Object.assign(instance, {
    history: [],
    queue: [],
    actions: [],
    retries: new Map(),
    waitsFor: new Set(),
    children: new Set(),
  });
}
