import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { request, type IncomingMessage, type Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { after, test } from 'node:test';
import { functions, installCore, programmingModel, type CoreInvocation } from '../../../lib/host/core-module.ts';

/** The part of the worker's model that starts the library's own proxy, by which bodies stream. */
interface Streaming {
  getCapabilities(given: object): Promise<{ HttpUri?: string }>;
}

installCore();
await import('../../../lib/serve/http/worker.ts');
const { app } = await import('@azure/functions');
const { bodyFor } = await import('../../../lib/serve/http/held-back.ts');

/** What the endless body has done. */
let made = 0;
let isOver = false;
async function* endless(failsAt = Infinity) {
  made = 0;
  isOver = false;
  try {
    for (;;) {
      made += 1;
      if (made > failsAt) throw new Error('The pack is damaged.');
      yield await Promise.resolve(Buffer.alloc(64 * 1024, 1));
    }
  } finally {
    isOver = true;
  }
}
app.http('flood', {
  methods: ['GET'],
  handler: (_request, { invocationId }) => ({ body: bodyFor(invocationId, endless()) }),
});
app.http('breaks', {
  methods: ['GET'],
  handler: (_request, { invocationId }) => ({ body: bodyFor(invocationId, endless(20)) }),
});
const streaming = programmingModel() as unknown as Streaming;
const uri = (await streaming.getCapabilities({})).HttpUri ?? '';

// The library never closes it.
let proxy: Server | undefined;
subscribe('http.server.request.start', (message) => (proxy = (message as { server: Server }).server));
after(() => proxy?.close());

/** As the host does it: the request goes to the library's proxy, the invocation to the worker. */
async function ask(name: string): Promise<{ answer: IncomingMessage; invoked: Promise<unknown> }> {
  const fn = functions.get(name) ?? assert.fail(name);
  const invocationId = randomUUID();
  const invocation: CoreInvocation = {
    invocationId,
    metadata: fn.metadata,
    request: { inputData: [{ name: Object.keys(fn.metadata.bindings)[0] ?? '', data: {} }], triggerMetadata: {} },
    state: undefined,
    log: () => undefined,
  };
  const headers = { 'x-ms-invocation-id': invocationId, 'x-forwarded-host': 'app', 'x-forwarded-proto': 'https' };
  const sent = request(uri, { headers }).end();
  const model = programmingModel().getInvocationModel(invocation);
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, fn.callback);
  const invoked = model.getResponse(context, result).catch((error: unknown) => error);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { answer, invoked };
}

/** Until nothing more is made. */
async function settled(): Promise<number> {
  for (let before = -1; before !== made;) {
    before = made;
    for (let n = 0; n < 200; n++) await turn();
  }
  return made;
}

test('in the worker of Azure, a client that reads slowly holds up what is made for it', async () => {
  const { answer, invoked } = await ask('flood');
  answer.pause();
  // What lies in the sockets of this machine is not ours: some MiB at most.
  assert.ok((await settled()) < 200, `${made} pieces of 64 KiB were made`);
  const before = made;
  for (let n = 0; n < 300; n++) if (answer.read() === null) await once(answer, 'readable');
  assert.ok(made > before, 'it goes on once the client reads');
  answer.destroy();
  await invoked;
  assert.ok(isOver, 'who hangs up frees everything');
});

test('in the worker of Azure, a body that breaks off ends its connection', async () => {
  const { answer, invoked } = await ask('breaks');
  answer.resume();
  const [error] = (await once(answer, 'error')) as [Error];
  assert.match(error.message, /aborted/);
  assert.ok((await invoked) instanceof Error);
});
