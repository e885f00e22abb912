import type { TypedData } from '../core-module.ts';
import { jsonOf } from '../invoke.ts';
import { countEvent, isWaiting, type Execution, type Instance } from './instance.ts';
import {
  eventType,
  outOfProcData,
  turnConstants,
  type Action,
  type HistoryEvent,
  type OrchestratorState,
} from './protocol.ts';

/** Bytes; what is larger Durable puts into blobs, which makes each replay slow (azure-functions.md, rule 2). */
export const largestMessage = 45_000;

/** Puts the event of a turn into the history. @param now epoch ms */
export function hear(execution: Execution, event: HistoryEvent, now: number): void {
  const { instance, history } = execution;
  instance.status = 'Running';
  instance.updated = now;
  history.add({ EventType: eventType.orchestratorStarted }, now);
  history.add(event, now);
  if (event.EventType === eventType.eventRaised) countEvent(execution, event.Name ?? '', -1);
}

/** Lets the orchestrator live through its history. Throws when it was not the orchestrator that failed. */
export async function replay(
  execution: Execution,
  invoke: (name: string, data: TypedData) => Promise<TypedData>,
): Promise<OrchestratorState> {
  const payload = { string: turnPayload(execution) };
  const answer = await invoke(execution.instance.name, payload).then(jsonOf, failedState);
  return typeof answer === 'string' ? readState(answer) : answer;
}

/** What an orchestrator reads at each turn. */
function turnPayload({ instance, history }: Execution): string {
  const { input, id, parent } = instance;
  const parentInstanceId = parent?.execution.instance.id ?? null;
  const rest = JSON.stringify({ input, instanceId: id, parentInstanceId, ...turnConstants });
  return `{"history":${history.toJson()},${rest.slice(1)}`;
}

/** The state in an orchestrator's answer. */
function readState(answer: string): OrchestratorState {
  return JSON.parse(answer) as OrchestratorState;
}

/** The state in the error of an orchestrator that failed. Throws the error when it was not the orchestrator that failed. */
function failedState(error: unknown): OrchestratorState {
  const text = error instanceof Error ? error.message : String(error);
  const at = text.indexOf(outOfProcData);
  if (at < 0) throw error;
  return readState(text.slice(at + outOfProcData.length));
}

/** Takes over what a turn made of it; the new actions. Throws when they contradict what was asked for before. */
export function accept(execution: Execution, state: OrchestratorState): Action[] {
  const { instance, actions: before } = execution;
  const actions = state.actions[0] ?? [];
  const changed = difference(before, actions);
  if (changed !== undefined) throw new Error(`The orchestrator '${instance.name}' is not deterministic: ${changed}.`);
  if (state.customStatus !== undefined) {
    checkSize(`The custom status of '${instance.name}'`, state.customStatus);
    instance.customStatus = state.customStatus;
  }
  execution.actions = actions;
  return actions.slice(before.length);
}

/** Throws when the orchestration waits, but nothing runs and nothing is pending that could end it. */
export function checkStuck(execution: Execution): void {
  if (isWaiting(execution)) return;
  const last = JSON.stringify(execution.actions.at(-1) ?? null);
  throw new Error(
    `The orchestrator '${execution.instance.name}' is stuck: it waits for nothing that will ever come (${last}).`,
  );
}

/** How a child's end reaches its parent. */
export function childAnswer({ name, status, output, error }: Instance, TaskScheduledId: number): HistoryEvent {
  if (status === 'Completed') {
    return { EventType: eventType.subCompleted, TaskScheduledId, Result: JSON.stringify(output ?? null) };
  }
  const Reason = `Sub-orchestrator function '${name}' failed: ${error ?? String(output)}`;
  return { EventType: eventType.subFailed, TaskScheduledId, Reason, Details: '' };
}

/** Throws RangeError with a sentence when a value is too large to travel. */
export function checkSize(what: string, value: unknown): void {
  const size = Buffer.byteLength(JSON.stringify(value ?? null));
  if (size > largestMessage) throw new RangeError(`${what} has ${size} bytes, more than ${largestMessage}.`);
}

// What the replay asks for must be what was asked for before; else it would take one task's answer for another's.
function difference(before: readonly Action[], now: readonly Action[]): string | undefined {
  for (const [n, action] of before.entries()) {
    const [was, is] = [shape(action), shape(now[n])];
    if (was !== is) return `action ${n} was ${clip(was)} is now ${clip(is)}`;
  }
  return undefined;
}

// Without what may change in the course: a timer's isCanceled.
function shape(action: Action | undefined): string {
  if (action === undefined) return 'nothing';
  const { actionType, functionName, input, instanceId, fireAt, externalEventName, compoundActions = [] } = action;
  const own = [actionType, functionName, input, instanceId, fireAt, externalEventName];
  return JSON.stringify([...own, compoundActions.map(shape)]);
}

function clip(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
