import { numberOf } from '../../backup/report.ts';
import {
  allPacks,
  branch,
  infoPacks,
  infoRefs,
  indexOfPack,
  isCommitId,
  packName,
  readPacks,
  withBranch,
} from '../../git/layout.ts';
import { sha256 } from '../../archive/sha256.ts';
import { checkPack, endOfPack, indexPack, type Checked } from '../../git/pack/pack-check.ts';
import type { PackIndex } from '../../git/pack/pack-index.ts';
import { findIndex } from '../../git/pack/packs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { damage, notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';

/** Reads every pack that is listed, object by object; the objects that hold go into `objects`. */
export async function* verifyPacks(store: BlobStore, objects: Objects): AsyncGenerator<Finding> {
  const { listed, unlisted } = await findPacks(store);
  if (listed.length === 0 && unlisted.length > 0) {
    yield damage(`${infoPacks} lists no pack, though ${unlisted.length} are there.`, { mend: { do: 'list' } });
    for (const name of unlisted) yield* verifyPack(store, name, objects);
    return;
  }
  for (const name of listed) yield* verifyPack(store, name, objects);
  for (const name of unlisted) yield await verifyUnlisted(store, name);
}

async function verifyUnlisted(store: BlobStore, name: string): Promise<Finding> {
  const unlisted = `${packName(name)} is in no list`;
  if (await isSpoiled(store, name, await findIndex(store, name)))
    return notice(`${unlisted}, and damaged: git on a disk stumbles over it.`, 'Run `ago-backup repair`.', {
      do: 'list',
    });
  return notice(
    `${unlisted}; it is what a killed run or a merge left.`,
    'Nothing to do: it is deleted after 14 days, unless somebody pushed it.',
  );
}

/** Has it an index that it does not fit, or that is none? A pack without one may be that of a run that is just publishing. */
export async function isSpoiled(store: BlobStore, name: string, index: PackIndex | undefined): Promise<boolean> {
  if (index === undefined) return (await store.stat(indexOfPack(name))) !== undefined;
  return (await endOfPack(store, name)) !== index.packChecksum || (await checkPack(store, name, index)) !== true;
}

/** The packs that objects/info/packs lists, newest first, and those that lie beside them. */
export async function findPacks(store: BlobStore): Promise<{ listed: string[]; unlisted: string[] }> {
  const listed = readPacks((await store.get(infoPacks))?.bytes.toString() ?? '');
  const known = new Set(listed);
  const unlisted = new Set<string>();
  for await (const { name } of store.list(allPacks)) {
    const found = /pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(name)?.[1];
    if (found !== undefined && !known.has(found)) unlisted.add(found);
  }
  return { listed, unlisted: [...unlisted] };
}

async function* verifyPack(store: BlobStore, name: string, objects: Objects): AsyncGenerator<Finding> {
  const index = await findIndex(store, name);
  const end = await endOfPack(store, name);
  if (end === undefined) {
    yield damage(`${packName(name)} is missing or empty.`, {
      mend: { do: 'list' },
      loss: { object: name, state: 'missing' },
    });
  } else if (index?.packChecksum === end) {
    yield* verifyObjects(store, name, index, objects);
  } else if ((await indexPack(store, name, (oid, object) => take(objects, oid, object))) !== undefined) {
    const how = index === undefined ? 'is missing or damaged' : 'belongs to another pack';
    yield damage(`${indexOfPack(name)} ${how}.`, { mend: { do: 'index', pack: name } });
  } else if (index !== undefined) {
    yield* verifyObjects(store, name, index, objects);
  } else {
    yield damage(`${indexOfPack(name)} is missing or damaged, and cannot be made from its pack.`, {
      cure: `Run \`ago-backup repair\`: it packs anew what is still readable. If a person's git made the pack, run \`git index-pack ${packName(name)}\` in a copy of the store and put the index back; else copy both from another copy or, in Azure, promote their last good versions.`,
      mend: { do: 'list' },
    });
  }
}

async function* verifyObjects(
  store: BlobStore,
  name: string,
  index: PackIndex,
  objects: Objects,
): AsyncGenerator<Finding> {
  const lost: string[] = [];
  const holds = await checkPack(store, name, index, (oid, object) => {
    if (object === 'damaged') lost.push(oid);
    else take(objects, oid, object);
  });
  if (holds === true) return;
  const what =
    lost.length === 0
      ? 'its checksum does not hold'
      : `${lost.length} of its ${numberOf(index.count, 'object')} ${lost.length === 1 ? 'does' : 'do'} not hold`;
  // Which objects it has lost; those that a commit needs are findings of their own.
  const loss =
    lost.length === 0 ? undefined : { object: name, state: `without ${sha256(Buffer.from(lost.sort().join()))}` };
  yield damage(`${packName(name)} is damaged: ${what}.`, { mend: { do: 'list' }, loss });
}

// Deltas are read when something names them: what they build on may lie in another pack.
function take(objects: Objects, oid: string, object: Checked['object']): void {
  if (typeof object !== 'string') objects.add(oid, object);
}

/** What git over plain HTTP reads agrees with the branch. */
export async function* verifyRefs(store: BlobStore): AsyncGenerator<Finding> {
  const commit = (await store.get(branch))?.bytes.toString().trim() ?? '';
  if (!isCommitId(commit)) return;
  const told = await store.get(infoRefs);
  const right = withBranch(told?.bytes.toString() ?? '', commit);
  if (told?.bytes.toString() !== right)
    yield notice(`${infoRefs} does not tell where the branch is.`, 'Nothing to do: the next run puts it right.', {
      do: 'write',
      name: infoRefs,
      text: right,
      etag: told?.etag ?? null,
    });
}
