import { randomUUID } from 'node:crypto';
import {
  hooksOf,
  programmingModel,
  type CoreInvocation,
  type RegisteredFunction,
  type TypedData,
} from './core-module.ts';
import type { LocalAnswer } from './routes.ts';

/** A line that a function, or the host about it, logged. */
export interface LogEntry {
  level: string;
  functionName: string;
  message: string;
}

/** What one invocation needs beside its data. */
export interface InvokeParts {
  /** JSON that a durable client binding receives */
  clientBinding: string;
  log(entry: LogEntry): void;
}

interface HookContext {
  hookData: object;
  appHookData: object;
  invocationContext: object;
  inputs: unknown[];
}

/**
 * Runs a registered function as the worker does: arguments, hooks and response go through the model of
 * `@azure/functions` (azure-functions-nodejs-worker, src/eventHandlers/InvocationHandler.ts). Throws what the function throws.
 */
export async function invoke(fn: RegisteredFunction, data: TypedData, parts: InvokeParts): Promise<TypedData> {
  const { model, context, result } = await run(fn, data, parts);
  return (await model.getResponse(context, result)).returnValue ?? {};
}

/** As `invoke`, for an HTTP function: its answer, whose body has not been read yet. */
export async function invokeHttp(fn: RegisteredFunction, data: TypedData, parts: InvokeParts): Promise<LocalAnswer> {
  const { result } = await run(fn, data, parts);
  // Not before the core module is there, without which the library registers nothing.
  const { HttpResponse } = await import('@azure/functions');
  const { status, headers, body } = new HttpResponse(result ?? { status: 204 });
  return { status, headers: Object.fromEntries(headers.entries()), body };
}

async function run(fn: RegisteredFunction, data: TypedData, parts: InvokeParts) {
  const invocation = describe(fn, data, parts);
  const model = programmingModel().getInvocationModel(invocation);
  const { context, inputs } = await model.getArguments();
  const common: HookContext = { hookData: {}, appHookData: {}, invocationContext: context, inputs };
  const before = { ...common, functionCallback: fn.callback };
  await runHooks('preInvocation', before);
  const ended = await settle(() => model.invokeFunction(context, before.inputs, before.functionCallback));
  const after = { ...common, inputs: before.inputs, result: ended.result, error: ended.error };
  invocation.state = 'postInvocationHooks';
  await runHooks('postInvocation', after);
  if (ended.failed) throw after.error ?? ended.error;
  return { model, context, result: after.result };
}

/** Runs the hooks of a kind, one after the other. */
export async function runHooks(kind: string, context: object): Promise<void> {
  for (const hook of hooksOf(kind)) await hook(context);
}

/** The JSON of what a function returned; nothing is `null`. */
export function jsonOf(data: TypedData): string {
  if (data.json !== undefined) return data.json;
  return JSON.stringify(data.string ?? data.int ?? data.double ?? null);
}

function describe(fn: RegisteredFunction, data: TypedData, parts: InvokeParts): CoreInvocation {
  const { metadata } = fn;
  const inputs = Object.entries(metadata.bindings).filter(([, binding]) => binding.direction === 'in');
  return {
    invocationId: randomUUID(),
    metadata,
    request: {
      inputData: inputs.map(([name, { type }]) => ({
        name,
        data: type === 'durableClient' ? { json: parts.clientBinding } : data,
      })),
      triggerMetadata: {},
    },
    state: undefined,
    log: (level, _category, message) => parts.log({ level, functionName: metadata.name, message }),
  };
}

// Hooks run after a failure too, and may look at the error.
async function settle(run: () => Promise<unknown>): Promise<{ failed: boolean; result: unknown; error: unknown }> {
  return run().then(
    (result) => ({ failed: false, result, error: null }),
    (error: unknown) => ({ failed: true, result: null, error }),
  );
}
