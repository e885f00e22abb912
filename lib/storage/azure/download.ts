import type { BlobDownloadResponseParsed, BlockBlobClient } from '@azure/storage-blob';
import { BackupError } from '../../errors.ts';
import { azureCode, isAbsent, isPastEnd, toStoreError } from './errors.ts';
import type { BlobInfo, Range } from '../blob-store.ts';

/** A body that breaks off is taken up again where it stopped, this often, and then not by anybody else. */
const resumes = 5;

/** The head of a download whose body has not been read yet. */
export type Begun = BlobDownloadResponseParsed;

/** Begins a download; 'past the end' when the range has no byte of the blob, undefined when the blob is not there. */
export async function begin(
  blob: BlockBlobClient,
  range: Range | undefined,
): Promise<Begun | 'past the end' | undefined> {
  // The SDK takes a length of 0 for "to the end".
  if (range?.length === 0) return 'past the end';
  try {
    return await blob.download(range?.start, range?.length, { maxRetryRequests: 0 });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    if (isPastEnd(error)) return 'past the end';
    throw error;
  }
}

/**
 * The bytes of a download. The SDK can resume one too, but takes a socket that closes for a cancellation and gives up
 * (RetriableReadableStream, 12.32.0), so it is done here: from the byte that is missing, of the same version of the blob.
 */
export async function* bytesOf(
  blob: BlockBlobClient,
  begun: Begun,
  start: number,
  address: string,
): AsyncGenerator<Uint8Array> {
  const length = begun.contentLength ?? 0;
  let done = 0;
  let body = begun.readableStreamBody;
  for (let attempt = 0; ; attempt++) {
    let cause: unknown;
    try {
      for await (const chunk of body ?? []) {
        done += chunk.length;
        yield chunk as Buffer;
      }
    } catch (error) {
      // Whatever broke the body, the bytes that are missing are asked for again.
      cause = error;
    }
    if (done >= length) return;
    if (attempt === resumes) throw brokenOff(address, cause);
    body = await resume(blob, { start: start + done, length: length - done }, begun.etag, address);
  }
}

/** Facts from the head of a download. */
export function infoOf(name: string, begun: Begun): BlobInfo {
  const total = /\/(\d+)$/.exec(begun.contentRange ?? '')?.[1];
  const size = total === undefined ? (begun.contentLength ?? 0) : Number(total);
  return { name, size, etag: begun.etag ?? '', modified: begun.lastModified?.getTime() ?? 0 };
}

async function resume(blob: BlockBlobClient, { start, length }: Range, etag: string | undefined, address: string) {
  try {
    const conditions = etag === undefined ? {} : { ifMatch: etag };
    return (await blob.download(start, length, { conditions, maxRetryRequests: 0 })).readableStreamBody;
  } catch (error) {
    // Replaced or deleted in the meantime: the rest would be that of another blob.
    if (azureCode(error) === 'ConditionNotMet' || isAbsent(error)) throw brokenOff(address, undefined);
    throw toStoreError(error, address);
  }
}

function brokenOff(address: string, cause: unknown): BackupError {
  const why = cause instanceof Error ? ` (${cause.name})` : '';
  return new BackupError('STORE_UNREACHABLE', `A download from ${address} broke off${why}.`, {
    retryable: true,
    tried: true,
  });
}
