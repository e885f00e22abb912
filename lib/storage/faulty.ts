import { BackupError } from '../errors.ts';
import type { BlobStore } from './blob-store.ts';
import { watched, type Call } from './counting.ts';

/** A call, and which one of the store it is, from 1. */
export type NumberedCall = Call & { n: number };

/** Nothing goes wrong; the store fails before the call or after it took effect; this very error instead of the call. */
export type Fault = 'before' | 'after' | Error | undefined;

/** A store that fails as it is told, for tests. 'before' and 'after' throw a STORE_UNREACHABLE that is retryable. */
export function faulty(store: BlobStore, decide: (call: NumberedCall) => Fault): BlobStore {
  let calls = 0;
  return watched(store, async (call, run) => {
    calls += 1;
    const fault = decide({ ...call, n: calls });
    if (fault instanceof Error) throw fault;
    if (fault === 'before') throw failure(call, 'before');
    const result = await run();
    if (fault === 'after') throw failure(call, 'after');
    return result;
  });
}

function failure({ verb, name }: Call, when: string): BackupError {
  return new BackupError('STORE_UNREACHABLE', `The store failed ${when} ${verb} ${name}.`, { retryable: true });
}
