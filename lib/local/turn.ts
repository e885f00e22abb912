import type { Instance } from './instance.ts';
import { outOfProcData, turnConstants, type Action, type OrchestratorState } from './protocol.ts';

/** Bytes; Azure Storage puts what is larger into blobs, which makes each replay slow, so our own limit is this (design, 2). */
export const largestMessage = 45_000;

/** What an orchestrator reads at each turn. */
export function turnPayload(instance: Instance): string {
  const { history, input, id, parent } = instance;
  return JSON.stringify({ history, input, instanceId: id, parentInstanceId: parent?.id ?? null, ...turnConstants });
}

/** The state in an orchestrator's answer, or in the error that carries it. */
export function readState(answer: string): OrchestratorState {
  return JSON.parse(answer) as OrchestratorState;
}

/** The state of an orchestrator that failed. */
export function failedState(error: unknown): OrchestratorState {
  const text = error instanceof Error ? error.message : String(error);
  const at = text.indexOf(outOfProcData);
  if (at >= 0) return readState(text.slice(at + outOfProcData.length));
  return { isDone: false, actions: [[]], error: text };
}

/** What the replay asks for must be what was asked for before; else the replay would take one task's answer for another's. */
export function difference(before: readonly Action[], now: readonly Action[]): string | undefined {
  for (const [n, action] of before.entries()) {
    const [was, is] = [shape(action), shape(now[n])];
    if (was !== is) return `action ${n} was ${was} is now ${is}`;
  }
  return undefined;
}

/** Throws RangeError with a sentence when a value is too large to travel. */
export function checkSize(what: string, value: unknown): void {
  const size = Buffer.byteLength(JSON.stringify(value ?? null));
  if (size > largestMessage) throw new RangeError(`${what} has ${size} bytes, more than ${largestMessage}.`);
}

function shape(action: Action | undefined): string {
  if (action === undefined) return 'nothing';
  const { actionType, functionName, input, instanceId, fireAt, compoundActions = [] } = action;
  const text = JSON.stringify([actionType, functionName, input, instanceId, fireAt, compoundActions.map(shape)]);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
