import { isDeepStrictEqual } from 'node:util';
import { gapLoss } from '../../archive/acceptance.ts';
import { readIndex, readManifest } from '../../archive/item-manifest.ts';
import type { Part, Saved } from '../../backup/item.ts';
import { indexName } from '../../archive/layout.ts';
import { hashObject } from '../../git/pack/pack-entry.ts';
import type { TreeEntry } from '../../git/tree-bytes.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { damage, notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';

/** What looking at the items of the latest commit met. */
export interface Looked {
  items: number;
  parts: number;
  /** ids of the items that need a Git LFS object, by its SHA-256 */
  current: Map<string, string>;
  /** states of their gaps, by what these are accepted as */
  gaps: Map<string, string>;
}

/** An item's folder. */
interface Place {
  /** from the root of the archive */
  path: string;
  tree: string;
}

/** Items whose small files are read at the same time. */
const atOnce = 16;

/**
 * Every item of the latest commit: its backup.json, its stamp and its files agree; the derived index of each member agrees
 * with the tree. Folders that cannot be read are passed over: the walk of the history has named them.
 */
export async function* verifyItems(
  store: BlobStore,
  objects: Objects,
  root: string,
  looked: Looked,
): AsyncGenerator<Finding> {
  const content = (await foldersOf(objects, root)).find(({ name }) => name === 'content');
  for (const member of content === undefined ? [] : await foldersOf(objects, content.oid)) {
    const index = await store.get(indexName(member.oid));
    const derived = index && readIndex(member.oid, index.bytes);
    const known = Object.values(derived ?? {});
    const items: Saved[] = [];
    const prefix = `content/${member.name}/`;
    const places = await placesOf(objects, prefix, member.oid);
    for (let at = 0; at < places.length; at += atOnce) {
      const group = places.slice(at, at + atOnce);
      for (const { findings, manifest, path } of await Promise.all(
        group.map((place) => verifyItem(objects, place, known, prefix)),
      )) {
        yield* findings;
        if (manifest === undefined) continue;
        items.push({ ...manifest, path: path.slice(prefix.length) });
        looked.items += 1;
        looked.parts += manifest.parts.length;
        for (const { lfs, sha256 } of manifest.parts) if (lfs) looked.current.set(sha256, manifest.id);
        for (const gap of manifest.gaps ?? []) {
          const { object, state } = gapLoss(manifest.id, manifest.stamp, gap);
          looked.gaps.set(object, state);
        }
      }
    }
    const right = Object.fromEntries(items.map((saved) => [saved.id, saved]));
    if (index !== undefined && items.length === places.length && !isDeepStrictEqual(derived, right))
      yield notice(
        `The derived index of ${member.name} is out of step with the tree.`,
        'Run `ago-backup repair`, or delete the blob; the next run makes it again.',
        { do: 'derive', tree: member.oid },
      );
  }
}

async function placesOf(objects: Objects, prefix: string, member: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const folder of await foldersOf(objects, member))
    for (const type of await foldersOf(objects, folder.oid))
      for (const { name, oid } of await foldersOf(objects, type.oid))
        places.push({ path: `${prefix}${folder.name}/${type.name}/${name}`, tree: oid });
  return places;
}

async function foldersOf(objects: Objects, tree: string): Promise<TreeEntry[]> {
  return ((await objects.tree(tree)) ?? []).filter(({ type }) => type === 'tree');
}

async function verifyItem(objects: Objects, { path, tree }: Place, known: readonly Saved[], prefix: string) {
  const entries = await objects.tree(tree);
  const oidAt = async (file: string) => fileAt(objects, entries ?? [], file);
  const manifestOid = await oidAt('backup.json');
  const bytes = manifestOid === undefined ? undefined : await objects.bytes(manifestOid);
  const manifest = bytes && readManifest(bytes);
  if (manifest === undefined) {
    const id = known.find((saved) => `${prefix}${saved.path}` === path)?.id;
    const finding = damage(`${path} has no readable backup.json.`, fetching(id, prefix));
    return { findings: [finding], manifest, path };
  }
  const findings: Finding[] = [];
  const add = (what: string) => findings.push(damage(`${path}${what}`, fetching(manifest.id, prefix)));
  for (const part of manifest.parts) {
    const wrong = await wrongPart(objects, await oidAt(part.path), part);
    if (wrong !== undefined) add(`/${part.path} ${wrong}`);
  }
  if ((await oidAt('timestamp.txt')) !== hashObject('blob', Buffer.from(manifest.stamp)))
    add('/timestamp.txt is not the stamp of backup.json.');
  const record = await oidAt('item.json');
  const modified = record === undefined ? undefined : modifiedOf(await objects.bytes(record));
  if (modified !== undefined && manifest.stamp.split(',')[0] !== modified)
    add(' has a stamp that is not that of its item.json.');
  return { findings, manifest, path };
}

async function fileAt(objects: Objects, entries: readonly TreeEntry[], path: string): Promise<string | undefined> {
  const [name, ...below] = path.split('/');
  const entry = entries.find((each) => each.name === name);
  if (entry === undefined || below.length === 0) return entry?.oid;
  return fileAt(objects, (await objects.tree(entry.oid)) ?? [], below.join('/'));
}

async function wrongPart(objects: Objects, oid: string | undefined, part: Part): Promise<string | undefined> {
  if (oid === undefined) return 'stands in backup.json and not in the tree.';
  const hash = await objects.file(oid);
  if (hash === undefined) return 'is missing or damaged.';
  const holds = part.lfs
    ? objects.pointer(oid)?.sha256 === part.sha256 && objects.pointer(oid)?.size === part.size
    : hash === part.sha256;
  return holds ? undefined : 'is not what backup.json says.';
}

function modifiedOf(record: Buffer | undefined): string | undefined {
  const { modified } = (record === undefined ? {} : JSON.parse(record.toString())) as { modified?: number };
  return modified === undefined ? undefined : String(modified);
}

/** How a damaged item is fetched again: itself, or all of its member where its id is lost. */
function fetching(itemId: string | undefined, prefix: string): Parameters<typeof damage>[1] {
  if (itemId !== undefined) return { mend: { do: 'fetch', itemId } };
  const user = prefix.slice('content/'.length, -1);
  const body = JSON.stringify({ users: [user], force: true });
  return { cure: `Run \`ago-backup run --force --user ${user}\`, or POST ${body} to /api/backups.` };
}
