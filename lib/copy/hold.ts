import { momentText } from '../backup/words.ts';
import type { Host } from '../archive/runs/run-holder.ts';
import { copyingName } from '../archive/layout.ts';
import { jsonIn } from '../backup/json.ts';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';

/** Who copies into an archive, as its blob says. */
interface Copier {
  /** id of its host */
  host: string;
  /** name of its host */
  where: string;
  /** epoch ms */
  started: number;
  /** when it was heard of last, epoch ms */
  heard: number;
}

/** ms after which a copier that is not heard of is dead */
const silence = 3_600_000;
/** ms between two signs of life */
const beat = 60_000;

/** A hold on the target of a copy. */
export interface Hold {
  /** to be called often: says from time to time that the copy is still under way */
  keep(): Promise<void>;
  /** lets others in */
  release(): Promise<void>;
}

/**
 * Holds the target, so that no two copies do the same work twice. One whose host has ended, or that has been silent for an hour, is no
 * hindrance. Nothing leans on it: branch and list of packs move with conditions. Throws RUN_ACTIVE.
 */
export async function holdTarget(store: BlobStore, { clock, host }: { clock: Clock; host: Host }): Promise<Hold> {
  const started = clock.now();
  let etag: string | undefined;
  let told = started;
  for (;;) {
    const found = await store.get(copyingName);
    const other = found && readCopier(found.bytes);
    if (other !== undefined && Math.abs(started - other.heard) < silence && !(await host.isGone(other.host)))
      throw active(store, other);
    etag = await write(found?.etag);
    if (etag !== undefined) break;
  }
  async function write(before: string | undefined): Promise<string | undefined> {
    const copier: Copier = { host: host.id, where: host.name, started, heard: clock.now() };
    const condition = before === undefined ? ({ absent: true } as const) : { etag: before };
    return store.put(copyingName, Buffer.from(JSON.stringify(copier)), condition);
  }
  return {
    keep: async () => {
      if (etag === undefined || clock.now() - told < beat) return;
      told = clock.now();
      // Who took its place is left alone.
      etag = await write(etag);
    },
    release: async () => {
      try {
        if (etag !== undefined && (await store.stat(copyingName))?.etag === etag) await store.delete(copyingName);
      } catch (error) {
        // A store that does not let go is no failure of a copy that is whole, and hides none of one that is not.
        if (!(error instanceof BackupError)) throw error;
      }
    },
  };
}

/** One that is damaged, or is none, keeps nobody from anything. */
function readCopier(bytes: Buffer): Copier | undefined {
  const { host, where, started, heard } = (jsonIn(bytes.toString()) ?? {}) as Partial<Copier>;
  const isWhole = typeof host === 'string' && typeof where === 'string' && isTime(started) && isTime(heard);
  return isWhole ? { host, where, started, heard } : undefined;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) < 8.64e15;

function active({ address }: BlobStore, { where, started }: Copier): BackupError {
  return new BackupError(
    'RUN_ACTIVE',
    `A copy into ${address} has been under way since ${momentText(started)} on ${where}.`,
    {
      hint: 'Wait for its end, or end it there with Ctrl-C. A copy of which nothing is heard for an hour counts as dead.',
    },
  );
}
