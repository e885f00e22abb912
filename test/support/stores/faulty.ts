import { systemClock, type Clock } from '../../../lib/clock.ts';
import { BackupError } from '../../../lib/errors.ts';
import type { BlobInfo, BlobStore } from '../../../lib/storage/blob-store.ts';
import { watched, type Call } from './counting.ts';

/** A call, and which one of the store it is, from 1. */
export type NumberedCall = Call & { n: number };

/** What goes wrong with a call. What the store itself fails of is a STORE_UNREACHABLE that is retryable. */
export type Fault =
  /** nothing */
  | undefined
  /** the store fails before the call took effect: also how 429 and 503 look, whose pauses the SDK keeps below the port */
  | 'before'
  /** it fails after the call took effect: a conditional write that is tried again finds its own bytes */
  | 'after'
  /** the body or the listing breaks off in its middle; what has neither fails before it took effect */
  | 'halfway'
  /** the call takes so many ms, and so does each piece of its body or its listing */
  | { slow: number }
  /** a listing does not know the blobs that the last so many writes made or replaced */
  | { stale: number }
  /** this very error instead of the call */
  | Error;

/**
 * A store that fails as it is told, for tests.
 * @param clock on which slow calls wait
 */
export function faulty(store: BlobStore, decide: (call: NumberedCall) => Fault, clock: Clock = systemClock): BlobStore {
  let calls = 0;
  const written: string[] = [];
  const around = async <T>(call: Call, run: (fault: Fault) => Promise<T>, hasMiddle = false): Promise<T> => {
    calls += 1;
    const fault = decide({ ...call, n: calls });
    if (fault instanceof Error) throw fault;
    if (fault === 'before' || (fault === 'halfway' && !hasMiddle)) throw failure(call, 'before');
    if (typeof fault === 'object' && 'slow' in fault) await clock.sleep(fault.slow);
    const result = await run(fault);
    if (/^(put|putStream|copy)$/.test(call.verb)) written.push(call.to ?? call.name);
    if (fault === 'after') throw failure(call, 'after');
    return result;
  };
  return {
    ...watched(store, (call, run) => around(call, run)),
    stream: (name, range) => {
      const call: Call = { verb: 'stream', name };
      const run = async (fault: Fault) => {
        const found = await store.stream(name, range);
        return found && { ...found, body: spoiled(found.body, call, fault, clock) };
      };
      return around(call, run, true);
    },
    putStream: (name, body) => {
      const call: Call = { verb: 'putStream', name };
      return around(call, (fault) => store.putStream(name, spoiled(body, call, fault, clock)), true);
    },
    list: async function* (prefix) {
      const call: Call = { verb: 'list', name: prefix };
      const begin = (fault: Fault) => Promise.resolve(listed(store.list(prefix), call, fault, { clock, written }));
      yield* await around(call, begin, true);
    },
  };
}

/** A body that comes slowly, or whose first piece is the last and only half there. */
async function* spoiled(
  body: AsyncIterable<Uint8Array>,
  call: Call,
  fault: Fault,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    if (typeof fault === 'object' && 'slow' in fault) await clock.sleep(fault.slow);
    if (fault !== 'halfway') yield piece;
    else {
      yield piece.subarray(0, piece.length / 2);
      break;
    }
  }
  if (fault === 'halfway') throw failure(call, 'in the middle of');
}

async function* listed(
  listing: AsyncIterable<BlobInfo>,
  call: Call,
  fault: Fault,
  { clock, written }: { clock: Clock; written: readonly string[] },
): AsyncGenerator<BlobInfo> {
  if (fault === 'halfway') {
    const all = await Array.fromAsync(listing);
    yield* all.slice(0, all.length / 2);
    throw failure(call, 'in the middle of');
  }
  const unknown = new Set(typeof fault === 'object' && 'stale' in fault ? written.slice(-fault.stale) : []);
  for await (const blob of listing) {
    if (typeof fault === 'object' && 'slow' in fault) await clock.sleep(fault.slow);
    if (!unknown.has(blob.name)) yield blob;
  }
}

function failure({ verb, name }: Call, when: string): BackupError {
  return new BackupError('STORE_UNREACHABLE', `The store failed ${when} ${verb} ${name}.`, { retryable: true });
}
