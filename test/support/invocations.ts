import type { InvocationContext } from '@azure/functions';
import { installCore } from '../../lib/host/core-module.ts';

/** One execution of an activity or an orchestrator, as the host asks for it. */
export interface Invocation {
  name: string;
  kind: 'activity' | 'orchestrator';
  input: unknown;
}

/** Runs the function once more each time it is called; for an activity the same as Durable's delivering it again. */
export type Execute = () => Promise<unknown>;

/** What the Durable extension says of an orchestrator that it dispatched while the worker was away; it has failed for good then. */
export const nonDeterministic =
  "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence ID 0 and name 'x' (version ''), but the current replay execution hasn't (yet?) scheduled this task. Was a change made to the orchestrator code after this instance had already started running?";

/** Stands between the host and its functions: may execute them twice, later or not at all. The host hears what it returns. */
export type Around = (invocation: Invocation, execute: Execute) => unknown;

/**
 * Puts something around every execution of an activity or an orchestrator, by the hook that Azure offers for it; timers and
 * routes pass. The function that it returns takes it away.
 */
export async function aroundInvocations(around: Around): Promise<() => void> {
  // Without it the library would take this process for a unit test, and register nothing.
  installCore();
  const { app } = await import('@azure/functions');
  const hook = app.hook.preInvocation((invocation) => {
    const { functionHandler, invocationContext } = invocation;
    const kind = kindOf(invocationContext);
    if (kind === undefined) return;
    invocation.functionHandler = (input: unknown, context: InvocationContext): unknown => {
      const execute = (): Promise<unknown> => Promise.resolve(functionHandler(input, context));
      return around({ name: context.functionName, kind, input }, execute);
    };
  });
  return () => void hook.dispose();
}

function kindOf({ options }: InvocationContext): Invocation['kind'] | undefined {
  if (options.trigger.type === 'activityTrigger') return 'activity';
  return options.trigger.type === 'orchestrationTrigger' ? 'orchestrator' : undefined;
}
