import { createHash } from 'node:crypto';
import { isCode } from '../errors.ts';
import { branch, infoPacks, infoRefs, allPacks, indexOfPack, packName, readPacks, withBranch } from '../git/layout.ts';
import { fetchIndex } from '../git/packs.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { damage, notice, type Finding } from './finding.ts';

/** Every pack that is listed: there, whole by its own checksum, and with an index that is made for it. */
export async function* verifyPacks(store: BlobStore, oids: Set<string>): AsyncGenerator<Finding> {
  const listed = readPacks((await store.get(infoPacks))?.bytes.toString() ?? '');
  for (const name of listed) yield* verifyPack(store, name, oids);
  const known = new Set(listed.flatMap((name) => [packName(name), indexOfPack(name)]));
  for await (const { name } of store.list(allPacks)) {
    if (!known.has(name))
      yield notice(
        `${name} is in no list; it is what a killed run or a merge left.`,
        'Nothing to do: it is deleted after 14 days.',
      );
  }
}

async function* verifyPack(store: BlobStore, name: string, oids: Set<string>): AsyncGenerator<Finding> {
  const checksum = await checksumOf(store, packName(name));
  if (checksum === undefined) {
    yield damage(`${packName(name)} is missing.`);
    return;
  }
  if (!checksum.holds) {
    yield damage(`${packName(name)} is damaged: its checksum does not hold.`);
    return;
  }
  try {
    const index = await fetchIndex(store, name);
    if (index.packChecksum !== checksum.said)
      yield damage(`${indexOfPack(name)} belongs to another pack.`, rebuildIndex(name));
    for (const { oid } of index.entries()) oids.add(oid);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    yield damage(error.message, rebuildIndex(name));
  }
}

function rebuildIndex(name: string): string {
  return `In a copy of the store run \`git index-pack ${packName(name)}\` and put the index back, or promote its last good version.`;
}

/** The SHA-1 over a pack, against the one at its end (gitformat-pack). */
async function checksumOf(store: BlobStore, name: string): Promise<{ holds: boolean; said: string } | undefined> {
  const found = await store.stream(name);
  if (found === undefined) return undefined;
  const hash = createHash('sha1');
  let tail = Buffer.alloc(0);
  for await (const piece of found.body) {
    const all = Buffer.concat([tail, piece]);
    hash.update(all.subarray(0, Math.max(0, all.length - 20)));
    tail = Buffer.from(all.subarray(Math.max(0, all.length - 20)));
  }
  const said = tail.toString('hex');
  return { holds: hash.digest('hex') === said, said };
}

/** What git over plain HTTP reads agrees with the branch. */
export async function* verifyRefs(store: BlobStore): AsyncGenerator<Finding> {
  const commit = (await store.get(branch))?.bytes.toString().trim();
  if (commit === undefined) return;
  const told = (await store.get(infoRefs))?.bytes.toString() ?? '';
  if (told !== withBranch(told, commit)) yield notice(`${infoRefs} does not tell where the branch is.`);
}
