import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { State } from './state.ts';

const checksumLength = 32;

/** The bytes of a state, with a checksum before them. */
export function encodeState(state: State): Buffer {
  const bytes = serialize(state);
  return Buffer.concat([checksum(bytes), bytes]);
}

/** Reads a state; undefined when it is damaged, or of another version: then the verification begins anew. */
export function decodeState(bytes: Buffer): State | undefined {
  const body = bytes.subarray(checksumLength);
  if (body.length === 0 || !checksum(body).equals(bytes.subarray(0, checksumLength))) return undefined;
  // A copy: what is read of it are pieces of these bytes.
  const state = deserialized(Buffer.from(body)) as Partial<State> | undefined;
  return state?.format === 1 ? (state as State) : undefined;
}

/** Undefined when a newer Node has written it: an older one does not understand that. */
function deserialized(body: Buffer): unknown {
  try {
    return deserialize(body);
  } catch {
    return undefined;
  }
}

const checksum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
