import { RestError, type BlockBlobClient } from '@azure/storage-blob';

/** Bytes of a block that Azure fetches itself; 4,000 MiB is its most, and one request must not take minutes. */
const blockSize = 256 * 1024 * 1024;

/** A blob of another container. */
export interface Source {
  url: string;
  /** bytes */
  size: number;
}

/**
 * Lets Azure fetch a blob of another account, block by block. False where it does not: Azurite has no such request, and a source behind
 * a firewall, or without rights for us, is refused. Then the bytes go another way, which says what is wrong.
 * https://learn.microsoft.com/rest/api/storageservices/put-block-from-url
 * @param token of an identity that may read the source
 * @param random no digits that another call has
 */
export async function fetchInside(
  blob: BlockBlobClient,
  { url, size }: Source,
  token: string | undefined,
  random: string,
): Promise<boolean> {
  const options = token === undefined ? {} : { sourceAuthorization: { scheme: 'Bearer', value: token } };
  const ids: string[] = [];
  try {
    for (let start = 0; start < size; start += blockSize) {
      const id = Buffer.from(`${random}-${String(ids.length).padStart(6, '0')}`).toString('base64');
      await blob.stageBlockFromURL(id, url, start, Math.min(blockSize, size - start), options);
      ids.push(id);
    }
    await blob.commitBlockList(ids);
    return true;
  } catch (error) {
    const status = error instanceof RestError ? error.statusCode : undefined;
    if (status === undefined || (status >= 500 && status !== 501) || status === 429) throw error;
    return false;
  }
}
