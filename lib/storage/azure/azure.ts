import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { BackupError } from '../../errors.ts';
import { fetchInside } from './adopt.ts';
import { begin, bytesOf, infoOf } from './download.ts';
import type { Loan } from './lend.ts';
import { azureCode, isAbsent, isConditionFailure, toStoreError } from './errors.ts';
import type { Blob, BlobInfo, BlobStore, Condition, Range } from '../blob-store.ts';
import { checkName, checkPrefix } from '../names.ts';

/** bytes */
const blockSize = 8 * 1024 * 1024;
const blocksInFlight = 4;
/** ms */
const copyPoll = 500;

/** Metadata of a conditional write: which call made it. */
const markName = 'write';

/**
 * A container of Azure Blob Storage. A stream must be read to its end or ended, because its request is under way.
 * https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 */
export class AzureStore implements BlobStore {
  readonly address: string;
  readonly #container: ContainerClient;
  readonly #uploads: ContainerClient;
  readonly #marks = new WeakMap<object, string>();
  readonly #random: () => string;
  readonly #pageSize: number;
  readonly #token: (() => Promise<string | undefined>) | undefined;
  readonly #signature: ((loan: Loan) => Promise<string>) | undefined;

  /**
   * @param more.uploads the same container, for streams: its requests are tried again by the SDK
   * @param more.token by which Azure may read another account for us
   * @param more.signature by which anybody may read a blob that we lend
   * @param more.pageSize names in one request of a listing; Azure's most is 5,000
   */
  constructor(
    container: ContainerClient,
    more: {
      uploads?: ContainerClient;
      random?: () => string;
      pageSize?: number;
      token?: () => Promise<string | undefined>;
      signature?: (loan: Loan) => Promise<string>;
    } = {},
  ) {
    this.#container = container;
    this.#uploads = more.uploads ?? container;
    this.#random = more.random ?? randomUUID;
    this.#pageSize = more.pageSize ?? 5000;
    this.#token = more.token;
    this.#signature = more.signature;
    const { origin, pathname } = new URL(container.url);
    this.address = origin + pathname;
  }

  async create(): Promise<void> {
    await this.#ask(async () => {
      try {
        await this.#container.create();
      } catch (error) {
        if (azureCode(error) === 'ContainerAlreadyExists') return;
        // An identity with rights on this one container may not create it; then it must be there.
        if (azureCode(error).startsWith('Authorization') && (await this.#container.exists())) return;
        throw error;
      }
    });
  }

  async get(name: string, range?: Range): Promise<Blob | undefined> {
    const found = await this.stream(name, range);
    if (found === undefined) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of found.body) chunks.push(chunk);
    return { ...found.info, bytes: Buffer.concat(chunks) };
  }

  async stream(name: string, range?: Range): Promise<{ info: BlobInfo; body: AsyncIterable<Uint8Array> } | undefined> {
    const blob = this.#blob(name);
    return this.#ask(async () => {
      const begun = await begin(blob, range);
      if (begun === undefined) return undefined;
      if (begun !== 'past the end') {
        return { info: infoOf(name, begun), body: bytesOf(blob, begun, range?.start ?? 0, this.address) };
      }
      const info = await this.stat(name);
      return info && { info, body: Readable.from([]) };
    });
  }

  async stat(name: string): Promise<BlobInfo | undefined> {
    const found = await this.#properties(name);
    if (found === undefined) return undefined;
    const { contentLength = 0, etag = '', lastModified } = found;
    return { name, size: contentLength, etag, modified: lastModified?.getTime() ?? 0 };
  }

  async put(name: string, bytes: Uint8Array, condition?: Condition): Promise<string | undefined> {
    const blob = this.#blob(name);
    const body = Buffer.from(bytes);
    if (condition === undefined) return this.#ask(async () => (await blob.upload(body, body.length)).etag);
    const mark = this.#markOf(condition);
    const conditions = 'absent' in condition ? { ifNoneMatch: '*' } : { ifMatch: condition.etag };
    return this.#ask(async () => {
      try {
        return (await blob.upload(body, body.length, { conditions, metadata: { [markName]: mark } })).etag;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        // A request whose answer was lost is sent again. What it then finds there may be the first one's write.
        const found = await this.#properties(name);
        return found?.metadata?.[markName] === mark ? found.etag : undefined;
      }
    });
  }

  /**
   * Blocks have ids of this call alone and only they are committed, so two calls at a time cannot mix; the slower one may
   * fail with STORE_UNREACHABLE, because a commit discards the blocks of others. A block that fails is sent again by the SDK:
   * for its sake alone the body need not be begun anew.
   */
  async putStream(name: string, body: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    const blob = this.#uploads.getBlockBlobClient(checkName(name));
    let size = 0;
    async function* counted() {
      for await (const chunk of body) {
        size += chunk.length;
        yield chunk;
      }
    }
    const source = Readable.from(counted(), { objectMode: false, highWaterMark: blockSize });
    try {
      const { etag = '', lastModified } = await blob.uploadStream(source, blockSize, blocksInFlight);
      return { name, size, etag, modified: lastModified?.getTime() ?? 0 };
    } catch (error) {
      throw toStoreError(error, this.address, 'tried by the SDK');
    } finally {
      source.destroy();
    }
  }

  async copy(from: string, to: string): Promise<boolean> {
    const [source, target] = [this.#blob(from), this.#blob(to)];
    return this.#ask(async () => {
      try {
        // Not syncCopyFromURL: it wants a SAS even for a blob of the same account (azure-sdk-for-net#32028).
        const poller = await target.beginCopyFromURL(source.url, { intervalInMs: copyPoll });
        const { copyStatus } = await poller.pollUntilDone();
        if (copyStatus === 'success') return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        // "Cannot verify" may also mean that the source is there, but the service must not read it for us.
        if (azureCode(error) === 'CannotVerifyCopySource') return this.#copyThroughUs(from, to);
        throw error;
      }
      throw new BackupError('STORE_UNREACHABLE', `${from} could not be copied in ${this.address}.`, {
        retryable: true,
      });
    });
  }

  async lend(name: string, span: { now: number; until: number }): Promise<string | undefined> {
    const signature = this.#signature;
    if (signature === undefined) return undefined;
    const { containerName: container } = this.#container;
    const query = await this.#ask(() => signature({ container, blob: checkName(name), ...span }));
    return `${this.#blob(name).url}?${query}`;
  }

  async adopt({ address, name, size }: { address: string; name: string; size: number }, to: string): Promise<boolean> {
    if (!/^https?:/.test(address)) return false;
    const url = `${address}/${name.split('/').map(encodeURIComponent).join('/')}`;
    return this.#ask(async () => fetchInside(this.#blob(to), { url, size }, await this.#token?.(), randomUUID()));
  }

  async delete(name: string, etag?: string): Promise<void> {
    const blob = this.#blob(name);
    await this.#ask(async () => {
      try {
        await blob.deleteIfExists(etag === undefined ? {} : { conditions: { ifMatch: etag } });
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<BlobInfo> {
    checkPrefix(prefix);
    const pages = this.#container.listBlobsFlat({ prefix }).byPage({ maxPageSize: this.#pageSize });
    for (;;) {
      const page = await this.#ask(() => pages.next());
      if (page.done === true) return;
      for (const { name, properties } of page.value.segment.blobItems) {
        const { contentLength = 0, etag, lastModified } = properties;
        yield { name, size: contentLength, etag: quoted(etag), modified: lastModified.getTime() };
      }
    }
  }

  async #copyThroughUs(from: string, to: string): Promise<boolean> {
    const found = await this.stream(from);
    if (found === undefined) return false;
    await this.putStream(to, found.body);
    return true;
  }

  async #properties(name: string) {
    const blob = this.#blob(name);
    return this.#ask(async () => {
      try {
        return await blob.getProperties();
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  #markOf({ write }: Condition): string {
    const mark = (write && this.#marks.get(write)) ?? this.#random();
    if (write !== undefined) this.#marks.set(write, mark);
    return mark;
  }

  #blob(name: string): BlockBlobClient {
    return this.#container.getBlockBlobClient(checkName(name));
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toStoreError(error, this.address);
    }
  }
}

// A listing gives ETags without the quotes that they have in headers.
function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}
