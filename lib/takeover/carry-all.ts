import { isCode } from '../errors.ts';
import type { Deps } from '../run/deps.ts';
import { carry, type Opens } from './carry.ts';
import type { OldObjects } from './old-objects.ts';
import type { Fate } from './survey.ts';
import { told, type Tell } from './tell.ts';

/** A fate that takes files over. */
type Carrying = Extract<Fate, { carried: object }>;

/** Bytes up to which items come over together: what each waits for is the disk, several times. */
const mostBytes = 1024 * 1024;

/** What was staged, and what has to be fetched after all, since it is not what it was taken for. */
export interface AllCarried {
  staged: string[];
  failed: Map<Fate, Fate>;
}

/** Stages every item whose files are taken over: small ones a few at a time, others alone, as their bytes flow. */
export async function carryAll(
  deps: Deps,
  runId: string,
  objects: OldObjects,
  fates: readonly Fate[],
  tell: Tell,
): Promise<AllCarried> {
  const telling: Opens = {
    open: async (oid) => {
      const opened = await objects.open(oid);
      return { ...opened, body: told(opened.body, tell) };
    },
  };
  const all: AllCarried = { staged: [], failed: new Map() };
  for (const group of groups(fates.filter(isCarrying), deps.rules.concurrency)) {
    const ends = group.map(async (fate) => {
      try {
        return await carry(deps, runId, telling, fate.carried);
      } catch (error) {
        if (!isCode(error, 'ITEM_DAMAGED', 'ITEM_TRUNCATED')) throw error;
        all.failed.set(fate, { living: fate.living, directory: fate.carried.directory, fetch: error.message });
        return [];
      }
    });
    all.staged.push(...(await Promise.all(ends)).flat());
  }
  return all;
}

/** Bytes of the files that come over, but for metadata. */
export async function bytesToCarry(objects: OldObjects, fates: readonly Fate[]): Promise<number> {
  let bytes = 0;
  for (const { carried } of fates.filter(isCarrying)) {
    const { item, directory, take } = carried;
    const exported = directory.files.get(take.export ?? '');
    if (take.data !== undefined) bytes += Math.max(0, item.size);
    if (exported !== undefined) bytes += (await objects.open(exported)).size;
  }
  return bytes;
}

function isCarrying(fate: Fate): fate is Carrying {
  return 'carried' in fate;
}

function* groups(all: readonly Carrying[], most: number): Generator<Carrying[]> {
  const small = all.filter(isSmall);
  for (let at = 0; at < small.length; at += most) yield small.slice(at, at + most);
  for (const fate of all) if (!isSmall(fate)) yield [fate];
}

/** How large an export is its record does not tell. */
function isSmall({ carried: { item, take } }: Carrying): boolean {
  return take.export === undefined && item.size <= mostBytes;
}
