import { createHash } from 'node:crypto';
import { readManifest, readIndex } from '../backup/manifest.ts';
import type { Manifest, Part } from '../backup/words.ts';
import { isCode } from '../errors.ts';
import { indexName, largeName } from '../git/layout.ts';
import type { Head, Repository } from '../git/repository.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { damage, notice, type Finding } from './finding.ts';

/** Which share of the Git LFS objects is read whole: those whose hash falls into it. */
export interface Share {
  /** 0 to 1 */
  from: number;
  /** 0 to 1; everything when from is 0 and to is 1 */
  to: number;
}

/** What looking at the items met. */
export interface Looked {
  items: number;
  parts: number;
  /** Git LFS objects that were read whole */
  read: number;
}

const recollect =
  'Run `ago-backup run --force --item ID` to fetch the current version again; older versions need another copy of the store.';

/**
 * Every item of the latest commit: its backup.json and its files agree, its Git LFS objects are there in their length, and a
 * share of them is read and hashed; the derived index of each member agrees with the tree.
 */
export async function* verifyItems(
  store: BlobStore,
  repository: Repository,
  head: Head,
  share: Share,
  looked: Looked,
): AsyncGenerator<Finding> {
  const content = await repository.treeAt(head.tree, 'content');
  for (const member of content === undefined ? [] : await repository.tree(content)) {
    const ids = new Set<string>();
    for (const folder of await repository.tree(member.oid)) {
      for (const type of await repository.tree(folder.oid)) {
        for (const item of await repository.tree(type.oid)) {
          const path = `content/${member.name}/${folder.name}/${type.name}/${item.name}`;
          const manifest = await manifestOf(repository, item.oid);
          if (manifest === undefined) {
            yield damage(`${path} has no readable backup.json.`, recollect);
            continue;
          }
          looked.items += 1;
          ids.add(manifest.id);
          yield* verifyItem(store, repository, item.oid, path, manifest, share, looked);
        }
      }
    }
    yield* verifyIndex(store, member.oid, member.name, ids);
  }
}

async function manifestOf(repository: Repository, tree: string): Promise<Manifest | undefined> {
  const oid = await repository.treeAt(tree, 'backup.json');
  return oid === undefined ? undefined : readManifest(await repository.blob(oid));
}

async function* verifyItem(
  store: BlobStore,
  repository: Repository,
  tree: string,
  path: string,
  manifest: Manifest,
  share: Share,
  looked: Looked,
): AsyncGenerator<Finding> {
  const cure = recollect.replace('ID', manifest.id);
  for (const part of manifest.parts) {
    looked.parts += 1;
    const oid = await repository.treeAt(tree, part.path);
    if (oid === undefined) yield damage(`${path}/${part.path} stands in backup.json and not in the tree.`, cure);
    else if (!part.lfs) yield* verifySmall(repository, oid, `${path}/${part.path}`, part, cure);
    else yield* verifyLarge(store, `${path}/${part.path}`, part, share, looked, cure);
  }
  const stamp = await repository.treeAt(tree, 'timestamp.txt');
  const said = stamp === undefined ? undefined : (await repository.blob(stamp)).toString();
  if (said !== manifest.stamp) yield damage(`${path}/timestamp.txt is not the stamp of backup.json.`, cure);
}

async function* verifySmall(
  repository: Repository,
  oid: string,
  path: string,
  part: Part,
  cure: string,
): AsyncGenerator<Finding> {
  try {
    const bytes = await repository.blob(oid);
    if (createHash('sha256').update(bytes).digest('hex') !== part.sha256)
      yield damage(`${path} is not what backup.json says.`, cure);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    yield damage(`${path}: ${error.message}`, cure);
  }
}

async function* verifyLarge(
  store: BlobStore,
  path: string,
  part: Part,
  share: Share,
  looked: Looked,
  cure: string,
): AsyncGenerator<Finding> {
  const name = largeName(part.sha256);
  const facts = await store.stat(name);
  if (facts === undefined) {
    yield damage(`${path}: its Git LFS object ${part.sha256} is missing.`, cure);
    return;
  }
  if (facts.size !== part.size) {
    yield damage(`${path}: its Git LFS object has ${facts.size} bytes instead of ${part.size}.`, cure);
    return;
  }
  const place = Number.parseInt(part.sha256.slice(0, 8), 16) / 0x1_0000_0000;
  if (place < share.from || place >= share.to) return;
  looked.read += 1;
  const hash = createHash('sha256');
  for await (const piece of (await store.stream(name))?.body ?? []) hash.update(piece);
  if (hash.digest('hex') !== part.sha256) yield damage(`${path}: its Git LFS object is damaged.`, cure);
}

async function* verifyIndex(
  store: BlobStore,
  tree: string,
  member: string,
  ids: ReadonlySet<string>,
): AsyncGenerator<Finding> {
  const blob = await store.get(indexName(tree));
  const index = blob && readIndex(blob.bytes);
  const isRight =
    index !== undefined && Object.keys(index).length === ids.size && Object.keys(index).every((id) => ids.has(id));
  if (blob === undefined || isRight) return;
  yield notice(
    `The derived index of ${member} is out of step with the tree.`,
    `Delete ${indexName(tree)} from the store; the next run makes it again.`,
  );
}
