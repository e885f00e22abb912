import * as df from 'durable-functions';
import { activity, orchestration, subOrchestration, type Steps } from '../../../lib/activity.ts';
import { gate } from './gates.ts';

/** Orchestrators that leave work behind them, change their mind, or wait for what never comes. */

df.app.activity('gated', {
  handler: async (input: unknown) => {
    const { name } = input as { name: string };
    gate(name).reached.resolve();
    await gate(name).opened.promise;
    return name;
  },
});
df.app.activity('fails', {
  handler: () => Promise.reject(new Error('It never works.')),
});
df.app.activity('echoes', {
  handler: (input: unknown) => input,
});

df.app.orchestration('leavesActivity', function* (context) {
  if (context.df.getInput<{ page: number }>().page > 1)
    return (yield context.df.callActivity('gated', { name: 'new' })) as string;
  const soon = new Date(context.df.currentUtcDateTime.getTime() + 5000);
  yield context.df.Task.any([context.df.callActivity('gated', { name: 'old' }), context.df.createTimer(soon)]);
  context.df.continueAsNew({ page: 2 });
  return '';
});

df.app.orchestration('waitsAtGate', function* (context) {
  return (yield context.df.callActivity('gated', context.df.getInput())) as string;
});
df.app.orchestration('failsAtOnce', function* (context) {
  yield context.df.callActivity('fails', {});
});
df.app.orchestration('leavesChild', function* (context) {
  if (context.df.getInput<{ again?: boolean }>().again === true) {
    yield context.df.callActivity('echoes', {});
    return (yield context.df.callSubOrchestrator('waitsAtGate', { name: 'second' }, 'second')) as string;
  }
  const children = [
    context.df.callSubOrchestrator('failsAtOnce', {}, 'first-a'),
    context.df.callSubOrchestrator('waitsAtGate', { name: 'first' }, 'first-b'),
  ];
  yield context.df.Task.all(children);
  return '';
});

let turn = 0;
df.app.orchestration('changesLongInput', function* (context) {
  yield context.df.callActivity('echoes', { text: 'x'.repeat(1000), turn: turn++ });
  yield context.df.callActivity('echoes', {});
});

df.app.orchestration('waitsForNothing', function* (context) {
  yield context.df.waitForExternalEvent('answer');
  const retry = new df.RetryOptions(1000, 3);
  retry.retryTimeoutInMilliseconds = 1;
  yield context.df.callActivityWithRetry('failsLate', retry, {});
});
df.app.activity('failsLate', {
  handler: async (input: unknown) => {
    void input;
    await gate('late').opened.promise;
    throw new Error('Too late for a retry.');
  },
});

const leaf = subOrchestration('leaf', function* (context): Steps<number> {
  return yield* nothing(context, {});
});
const nothing = activity('nothing', () => Promise.resolve(0));
orchestration('pagesOfChildren', function* (context, { page }: { page: number }): Steps<null> {
  for (let n = 0; n < 5; n++) yield* leaf.call(context, {}, `leaf-${page}-${n}`);
  if (page < 10) context.df.continueAsNew({ page: page + 1 });
  return null;
});
