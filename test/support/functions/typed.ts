import * as df from 'durable-functions';
import { activity, orchestration, subOrchestration, toFailure, wait, type Steps } from '../../../lib/activity.ts';
import { BackupError, type ErrorCode } from '../../../lib/errors.ts';
import { told } from './told.ts';

/** Activities that fail in each way that lib/activity.ts knows, and orchestrators that say how it reached them. */

const refuses = activity('refuses', ({ code, retryable }: { code: ErrorCode; retryable: boolean }) => {
  told.attempts += 1;
  throw new BackupError(code, 'The portal said no.', { retryable, hint: 'Ask the owner.' });
});
const throws = activity('throws', () => {
  told.attempts += 1;
  throw new TypeError('x is not a function', { cause: new Error('hidden cause') });
});

orchestration('tellsFailure', function* (context, input: { code: ErrorCode; retryable: boolean }): Steps<object> {
  try {
    yield* refuses(context, input);
    return {};
  } catch (error) {
    return { ...toFailure(error), isOurs: error instanceof BackupError };
  }
});
orchestration('breaks', function* (context): Steps<null> {
  yield* throws(context, {});
  return null;
});
const kid = subOrchestration('kid', function* (context): Steps<string> {
  return context.df.instanceId;
});
orchestration('asksAll', function* (context, { n }: { n: number }): Steps<string[]> {
  return yield* kid.all(
    context,
    Array.from({ length: n }, () => ({})),
    (each) => `kid-${each}`,
  );
});
const failingKid = subOrchestration('failingKid', function* (context, input: { code: ErrorCode }): Steps<object> {
  yield* refuses(context, { ...input, retryable: false });
  return {};
});
orchestration('asksFailing', function* (context, input: { code: ErrorCode }): Steps<object> {
  try {
    return yield* failingKid.call(context, input, 'failing-kid');
  } catch (error) {
    return { code: toFailure(error).code, isOurs: error instanceof BackupError };
  }
});
orchestration('waits', function* (context, { ms }: { ms: number }): Steps<number> {
  const before = context.df.currentUtcDateTime.getTime();
  yield* wait(context, ms);
  return context.df.currentUtcDateTime.getTime() - before;
});

df.app.client.http('begin', {
  route: 'api/begin/{name}',
  methods: ['POST'],
  handler: async (request, client) => {
    const { name = '' } = request.params;
    await client.startNew(name, { instanceId: name, input: await request.json() });
    return { status: 200 };
  },
});
