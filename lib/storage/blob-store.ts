/** What a store says of one blob. */
export interface BlobInfo {
  name: string;
  /** bytes */
  size: number;
  /** opaque; changes whenever the bytes change */
  etag: string;
  /** epoch ms of the last write */
  modified: number;
}

/** A blob with its bytes. With a range, `bytes` are those of the range and `size` is that of the whole blob. */
export interface Blob extends BlobInfo {
  bytes: Buffer;
}

/** Part of a blob, in bytes. A range that reaches past the end is cut there. */
export interface Range {
  start: number;
  length: number;
}

/**
 * When a write may happen: the blob is not there, or it still has this ETag. Calls with the same `write` are one write that is
 * sent again; a store that marks what it writes knows by it the effect of a call whose answer was lost.
 */
export type Condition = ({ absent: true } | { etag: string }) & { write?: object };

/**
 * The place where the archive lies: flat names with `/` between parts, bytes, ETags. Every implementation passes
 * test/storage/contract.ts. "Not there" is a value; every other failure throws a BackupError with a STORE_ code
 * (STORE_MISSING, STORE_REFUSED, STORE_UNREACHABLE, STORE_FULL), retryable where a later try may succeed.
 * Any call may be made twice: the second has the same effect as the first.
 */
export interface BlobStore {
  /** Where it is, for messages: no key, no query. */
  readonly address: string;
  /** Makes the container or directory if it is missing; success if it is there. */
  create(): Promise<void>;
  /** The blob, or undefined when it is not there. */
  get(name: string, range?: Range): Promise<Blob | undefined>;
  /** As `get`, as a stream; for what may be large. The stream fails when the blob is cut short. */
  stream(name: string, range?: Range): Promise<{ info: BlobInfo; body: AsyncIterable<Uint8Array> } | undefined>;
  /** Facts only, or undefined when it is not there. */
  stat(name: string): Promise<BlobInfo | undefined>;
  /** Writes the whole blob in one step. The new ETag, or undefined when the condition does not hold and nothing was written. */
  put(name: string, bytes: Uint8Array, condition?: Condition): Promise<string | undefined>;
  /** Writes a blob of any length; it is seen only when it is complete. A body that fails leaves what was there before. */
  putStream(name: string, body: AsyncIterable<Uint8Array>): Promise<BlobInfo>;
  /** Copies inside the store, in one step as seen by readers. False when `from` is not there. */
  copy(from: string, to: string): Promise<boolean>;
  /**
   * Takes over a blob of another store without its bytes passing through this process; false where these two stores cannot, and
   * nothing was written. Optional.
   */
  adopt?(source: { address: string; name: string; size: number }, to: string): Promise<boolean>;
  /**
   * An address from which anybody may read this one blob, and nothing else, until then (epoch ms); undefined where the store has
   * none to lend. Optional. Throws STORE_REFUSED when the identity may not lend.
   */
  lend?(name: string, span: { now: number; until: number }): Promise<string | undefined>;
  /** Deleting what is not there is success; with an ETag only the blob that still has it goes, and another one stays. */
  delete(name: string, etag?: string): Promise<void>;
  /** All blobs whose name starts with the prefix, in ascending order of their UTF-8 names. */
  list(prefix: string): AsyncIterable<BlobInfo>;
}
