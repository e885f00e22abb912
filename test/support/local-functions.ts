import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { activity, orchestration, subOrchestration, toFailure, wait, type Steps } from '../../lib/activity.ts';
import { BackupError } from '../../lib/errors.ts';

/** Small functions that show how the local host plays Durable; imported once by test/local. */

/** How often each activity ran, and what a test wants them to do. */
export const calls = { counts: new Map<string, number>(), running: 0, most: 0 };

function count(name: string): number {
  const n = (calls.counts.get(name) ?? 0) + 1;
  calls.counts.set(name, n);
  return n;
}

const double = activity('double', async ({ n }: { n: number }) => {
  calls.running += 1;
  calls.most = Math.max(calls.most, calls.running);
  await new Promise((resolve) => setImmediate(resolve));
  calls.running -= 1;
  return n * 2;
});
const flaky = activity('flaky', ({ key, failures }: { key: string; failures: number }) => {
  if (count(key) <= failures) throw new BackupError('STORE_UNREACHABLE', 'The store is away.', { retryable: true });
  return Promise.resolve('done');
});
const refusing = activity('refusing', () => {
  count('refusing');
  throw new BackupError('AUTH_SIGN_IN', 'Wrong password.');
});
const large = activity('large', ({ size }: { size: number }) => Promise.resolve('x'.repeat(size)));

const child = subOrchestration('child', function* (context, { n }: { n: number }): Steps<number> {
  return yield* double(context, { n });
});
const failing = subOrchestration('failingChild', function* (context): Steps<string> {
  return (yield* refusing(context, {})) as never;
});

orchestration('fanOut', function* (context, { n }: { n: number }): Steps<number> {
  const all = yield* child.all(
    context,
    Array.from({ length: n }, (_, each) => ({ n: each })),
    (each) => `child-${each}`,
  );
  return all.reduce((sum, each) => sum + each, 0);
});
orchestration('fanNothing', function* (context): Steps<number[]> {
  return yield* child.all(context, [], () => 'none');
});
orchestration('retries', function* (context, input: { key: string; failures: number }): Steps<string> {
  return yield* flaky(context, input);
});
orchestration('catches', function* (context): Steps<string> {
  try {
    yield* failing.call(context, {}, 'failing');
    return 'nothing happened';
  } catch (error) {
    const { code, message } = toFailure(error);
    return `${code}: ${message}`;
  }
});
orchestration('sleeps', function* (context, { ms }: { ms: number }): Steps<number> {
  const before = context.df.currentUtcDateTime.getTime();
  yield* wait(context, ms);
  return context.df.currentUtcDateTime.getTime() - before;
});
orchestration('pages', function* (context, { page, sum }: { page: number; sum: number }): Steps<number> {
  const next = sum + (yield* double(context, { n: page }));
  context.df.setCustomStatus({ page });
  if (page < 50) context.df.continueAsNew({ page: page + 1, sum: next });
  return next;
});
orchestration('makesLarge', function* (context, { size }: { size: number }): Steps<string> {
  return yield* large(context, { size });
});

df.app.orchestration('emptyAll', function* (context) {
  yield context.df.Task.all([]);
});
let flips = 0;
df.app.orchestration('notDeterministic', function* (context) {
  yield context.df.callActivity(flips++ === 0 ? 'double' : 'flaky', { n: 1 });
  yield context.df.callActivity('double', { n: 2 });
});
df.app.orchestration('listensTwice', function* (context) {
  yield context.df.waitForExternalEvent('answer');
  yield context.df.waitForExternalEvent('answer');
});
df.app.orchestration('listens', function* (context) {
  const answer = (yield context.df.waitForExternalEvent('answer')) as string;
  return `heard ${answer}`;
});

app.http('echo', {
  route: 'api/echo/{name}',
  methods: ['POST'],
  handler: async (request) => ({
    status: 201,
    headers: { 'x-name': String(request.params['name']) },
    body: await request.text(),
  }),
});
df.app.client.http('control', {
  route: 'api/control/{verb}/{id}',
  methods: ['POST'],
  handler: async (request, client) => {
    const { verb = '', id = '' } = request.params;
    if (verb === 'start') {
      const { name, input } = (await request.json()) as { name: string; input?: unknown };
      try {
        await client.startNew(name, { instanceId: id, input });
      } catch (error) {
        return { status: 409, body: (error as Error).message };
      }
    }
    if (verb === 'terminate') await client.terminate(id, 'enough');
    if (verb === 'raise') await client.raiseEvent(id, 'answer', 'yes');
    if (verb === 'suspend') await client.suspend(id, 'pause');
    if (verb === 'resume') await client.resume(id, 'on');
    if (verb === 'purgeBefore') {
      const { to } = (await request.json()) as { to: number };
      const states = [df.OrchestrationRuntimeStatus.Completed, df.OrchestrationRuntimeStatus.Running];
      const filter = { createdTimeTo: new Date(to), createdTimeFrom: new Date(0), runtimeStatus: states };
      return { jsonBody: await client.purgeInstanceHistoryBy(filter) };
    }
    if (verb === 'purge') return { jsonBody: await client.purgeInstanceHistory(id) };
    if (verb === 'status') {
      try {
        return { jsonBody: await client.getStatus(id, { showInput: true }) };
      } catch (error) {
        return { status: 404, body: (error as Error).message };
      }
    }
    return { status: 200 };
  },
});
app.http('breaks', {
  route: 'api/breaks',
  methods: ['POST'],
  handler: () => {
    throw new Error('The shelf fell down.');
  },
});
