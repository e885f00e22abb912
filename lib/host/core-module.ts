import Module from 'node:module';

/**
 * The module `@azure/functions-core`, which in Azure the worker supplies: it is on no registry, the worker answers the
 * `require` of it (azure-functions-nodejs-worker, src/setupCoreModule.ts). Without it `@azure/functions` goes into its
 * test mode and registers nothing. What functions register is kept here, for ES modules are evaluated once a process.
 */

/** A value on its way between host and worker (TypedData of azure-functions-language-worker-protobuf). */
export interface TypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  double?: number;
  http?: HttpData;
}

/** A request to, or a response of an HTTP function. */
export interface HttpData {
  method?: string;
  url?: string;
  statusCode?: string;
  headers?: Record<string, string>;
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: TypedData;
}

/** A trigger, input or output of a function. */
export interface Binding {
  type: string;
  direction: 'in' | 'out';
  route?: string;
  methods?: string[];
  authLevel?: string;
  schedule?: string;
}

/** What runs when a function is invoked. */
export type Callback = (...inputs: unknown[]) => unknown;

/** A function as it was registered. */
export interface RegisteredFunction {
  metadata: { name: string; bindings: Record<string, Binding> };
  callback: Callback;
}

/** What an invocation's model needs to know of it. */
export interface CoreInvocation {
  invocationId: string;
  metadata: RegisteredFunction['metadata'];
  request: { inputData: { name: string; data: TypedData }[]; triggerMetadata: Record<string, TypedData> };
  state: 'postInvocationHooks' | undefined;
  log(level: string, category: string, message: string): void;
}

/** How `@azure/functions` turns host data into arguments, and a result into host data. */
export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], handler: Callback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

interface ProgrammingModel {
  getInvocationModel(invocation: CoreInvocation): InvocationModel;
}

type Hook = (context: object) => unknown;

/** Hears what the library says outside any invocation. */
export type CoreLog = (level: string, message: string) => void;

/** All functions of this process, by name. */
export const functions = new Map<string, RegisteredFunction>();
const hooks = new Map<string, Hook[]>();
const listeners = new Set<CoreLog>();
let model: ProgrammingModel | undefined;
let isInstalled = false;

/** The trigger of a function, or undefined when it is of another type. */
export function triggerOf(fn: RegisteredFunction, type: string): Binding | undefined {
  return Object.values(fn.metadata.bindings).find((binding) => binding.type === type);
}

/** Hooks of one kind, in the order they were registered. */
export function hooksOf(kind: string): readonly Hook[] {
  return hooks.get(kind) ?? [];
}

/** The library's model. Throws when the library was registered before the stand-in was there. */
export function programmingModel(): ProgrammingModel {
  if (model === undefined) {
    throw new Error('No function was registered: create the host before any module registers a function.');
  }
  return model;
}

/** Lets `listener` hear the library until the function it returns is called. */
export function listenToCore(listener: CoreLog): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const core = {
  version: '4.0.0',
  hostVersion: '4.1037.0',
  registerFunction(metadata: RegisteredFunction['metadata'], callback: Callback) {
    if (functions.has(metadata.name)) throw new Error(`A function named '${metadata.name}' is registered already.`);
    functions.set(metadata.name, { metadata, callback });
    return new Disposable(() => functions.delete(metadata.name));
  },
  registerHook(kind: string, hook: Hook) {
    const all = hooks.get(kind) ?? [];
    all.push(hook);
    hooks.set(kind, all);
    return new Disposable(() => all.splice(all.indexOf(hook), 1));
  },
  setProgrammingModel(given: ProgrammingModel) {
    model = given;
  },
  getProgrammingModel: () => model,
  log(level: string, _category: string, message: string) {
    for (const listener of listeners) listener(level, message);
  },
};

class Disposable {
  readonly dispose: () => unknown;
  constructor(dispose: () => unknown) {
    this.dispose = dispose;
  }
}

/** Answers every later `require('@azure/functions-core')`; may be called again. */
export function installCore(): void {
  if (isInstalled) return;
  isInstalled = true;
  const supplied = { ...core, Disposable };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- the proxy passes `this` on
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (original, self, parameters: [string]): unknown =>
      parameters[0] === '@azure/functions-core' ? supplied : Reflect.apply(original, self, parameters),
  });
}
