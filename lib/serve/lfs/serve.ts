import { largeName } from '../../archive/layout.ts';
import type { Clock } from '../../clock.ts';
import { isCode } from '../../errors.ts';
import type { BlobStore, Range } from '../../storage/blob-store.ts';
import { downloadOf, isLargeId, lacking, readBatch, type BatchObject, type LfsAnswer, type Source } from './batch.ts';

/** What Git LFS is served from. */
export interface LfsParts {
  store: BlobStore;
  clock: Clock;
  /** clients may fetch from the store itself, where that lends addresses */
  isDirect: boolean;
}

/** Where this app is for its client, and whether it asks for a key. */
export interface Here {
  /** `https://app.example.com/archive.git` */
  url: string;
  isOpen: boolean;
  /** hears why the store lends no addresses */
  failed: (error: unknown) => void;
}

/** s: a link must outlive its batch, which may have many gigabytes */
const validity = 6 * 3600;
/** objects that the store is asked for at a time */
const together = 16;

/** The large files of the archive by Git LFS, for download only. */
export type LfsServer = ReturnType<typeof serveLfs>;

/** Serves the Git LFS objects of a store. */
export function serveLfs({ store, clock, isDirect }: LfsParts) {
  const lend = async (name: string, { failed }: Here): Promise<string | undefined> => {
    if (!isDirect) return undefined;
    try {
      const now = clock.now();
      return await store.lend?.(name, { now, until: now + validity * 1000 });
    } catch (error) {
      // The identity may read the archive, but not lend: then the files pass through the app.
      if (!isCode(error, 'STORE_REFUSED')) throw error;
      failed(error);
      return undefined;
    }
  };
  const sourceOf = async (oid: string, here: Here): Promise<Source> => {
    const href = await lend(largeName(oid), here);
    if (href !== undefined) return { href, expiresIn: validity, isOpen: true };
    return { href: `${here.url}/info/lfs/objects/${oid}`, isOpen: here.isOpen };
  };
  const find = async ({ oid, size }: { oid: string; size: number }, here: Here): Promise<BatchObject> => {
    if (!isLargeId(oid)) return lacking(oid, size, 422, 'This is no SHA-256.');
    const info = await store.stat(largeName(oid));
    if (info === undefined) return lacking(oid, size, 404, 'The archive does not have this object.');
    if (info.size !== size) return lacking(oid, size, 422, `This object has ${info.size} bytes.`);
    return downloadOf(oid, size, await sourceOf(oid, here));
  };
  return {
    /** POST info/lfs/objects/batch: where each object can be had. */
    batch: async (text: string, here: Here): Promise<LfsAnswer> => {
      const asked = readBatch(text);
      if ('status' in asked) return asked;
      const objects: BatchObject[] = [];
      for (let at = 0; at < asked.objects.length; at += together)
        objects.push(...(await Promise.all(asked.objects.slice(at, at + together).map((each) => find(each, here)))));
      return { status: 200, body: { transfer: 'basic', objects, hash_algo: 'sha256' } };
    },
    /** The bytes of a size, or undefined when it is not there. */
    size: async (oid: string): Promise<number | undefined> =>
      isLargeId(oid) ? (await store.stat(largeName(oid)))?.size : undefined,
    /** An object, or a part of it. */
    read: async (oid: string, range: Range | undefined) => (await store.stream(largeName(oid), range))?.body,
  };
}
