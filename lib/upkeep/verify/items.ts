import { isDeepStrictEqual } from 'node:util';
import { gapLoss } from '../../archive/acceptance.ts';
import { readIndex, readManifest } from '../../archive/item-manifest.ts';
import { readPointer } from '../../archive/lfs.ts';
import { jsonIn } from '../../backup/json.ts';
import { sha256 } from '../../archive/sha256.ts';
import type { Manifest, Part, Saved } from '../../backup/item.ts';
import { indexName } from '../../archive/layout.ts';
import { hashObject } from '../../git/pack/pack-entry.ts';
import type { TreeEntry } from '../../git/tree-bytes.ts';
import { damage, notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';
import type { Turn } from './turn.ts';
import type { Work } from './work.ts';

/** An item's folder. */
interface Place {
  /** from the root of the archive */
  path: string;
  tree: string;
}

/** A member's folder, and what its derived index says. */
interface Member {
  prefix: string;
  /** undefined where there is no index, or none that can be read */
  derived: Readonly<Record<string, Saved>> | undefined;
  places: Place[];
}

/** Items whose small files are read at the same time. */
const atOnce = 16;
/** Bytes; of files that have more one is held at a time. */
const largeFile = 1024 * 1024;

/**
 * Every item of the latest commit: its backup.json, its stamp and its files agree; the derived index of each member agrees
 * with the tree. Folders that cannot be read are passed over: the walk of the history has named them. Stops when the turn is over.
 */
export async function* verifyItems(work: Work, root: string, turn: Turn): AsyncGenerator<Finding> {
  const { store, objects, state } = work;
  const { items } = state;
  const content = (await foldersOf(objects, root)).find(({ name }) => name === 'content');
  const members = content === undefined ? [] : await foldersOf(objects, content.oid);
  for (; items.members < members.length; items.members++) {
    turn.tell({ phase: 'items', done: items.members, total: members.length, unit: 'members' });
    const { name, oid } = members[items.members] ?? { name: '', oid: '' };
    const index = await store.get(indexName(oid));
    const prefix = `content/${name}/`;
    const derived = index && readIndex(oid, index.bytes);
    const member = { prefix, derived, places: await placesOf(objects, prefix, oid) };
    yield* verifyMember(work, member, turn);
    if (items.places < member.places.length) return;
    if (index !== undefined && isOutOfStep(work, member))
      yield notice(
        `The derived index of ${name} is out of step with the tree.`,
        'Run `ago-backup repair`, or delete the blob; the next run makes it again.',
        { do: 'derive', tree: oid },
      );
    items.places = 0;
    items.ids.clear();
    items.odd.clear();
    items.unread = 0;
  }
  items.isDone = true;
}

/** The items of a member, a few at a time. */
async function* verifyMember(work: Work, member: Member, turn: Turn): AsyncGenerator<Finding> {
  const { objects, state } = work;
  const { items } = state;
  const known = new Map(Object.values(member.derived ?? {}).map((saved) => [saved.path, saved.id]));
  const oneAtATime = inLine();
  while (items.places < member.places.length) {
    const group = member.places.slice(items.places, items.places + atOnce);
    const looks = group.map((place) => verifyItem({ objects, oneAtATime }, place, known, member.prefix));
    for (const { findings, manifest, path } of await Promise.all(looks)) {
      yield* findings;
      if (manifest === undefined) items.unread += 1;
      else takeItem(work, manifest, { ...member, path: path.slice(member.prefix.length) });
    }
    items.places += group.length;
    if (turn.isOver()) return;
  }
}

function takeItem(
  { state: { items, large }, acceptances }: Work,
  manifest: Manifest,
  { derived, path }: Pick<Member, 'derived'> & { path: string },
): void {
  const { id, stamp, parts, gaps = [] } = manifest;
  items.counts.items += 1;
  items.counts.parts += parts.length;
  items.ids.add(id);
  // Of several of one id the last one counts, as it does in the index.
  if (derived !== undefined && isDeepStrictEqual(derived[id], { ...manifest, path })) items.odd.delete(id);
  else items.odd.add(id);
  for (const { lfs, sha256 } of parts) if (lfs && large.wrong.has(sha256)) large.current.set(sha256, id);
  for (const gap of gaps) {
    const { object, state } = gapLoss(id, stamp, gap);
    if (acceptances.accepted.has(object)) items.gaps.set(object, state);
  }
}

/** Only where all of its items could be read. */
function isOutOfStep({ state: { items } }: Work, { derived }: Member): boolean {
  if (items.unread > 0) return false;
  return derived === undefined || items.odd.size > 0 || Object.keys(derived).length !== items.ids.size;
}

/** Lets one thing be done at a time. */
function inLine(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next;
    return next;
  };
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

interface Reader {
  objects: Objects;
  oneAtATime: ReturnType<typeof inLine>;
}

async function verifyItem(
  { objects, oneAtATime }: Reader,
  { path, tree }: Place,
  known: ReadonlyMap<string, string>,
  prefix: string,
) {
  const entries = await objects.tree(tree);
  const oidAt = async (file: string) => fileAt(objects, entries ?? [], file);
  const manifestOid = await oidAt('backup.json');
  const bytes = manifestOid === undefined ? undefined : await objects.bytes(manifestOid);
  const manifest = bytes && readManifest(bytes);
  if (manifest === undefined) {
    const finding = damage(
      `${path} has no readable backup.json.`,
      fetching(known.get(path.slice(prefix.length)), prefix),
    );
    return { findings: [finding], manifest, path };
  }
  const findings: Finding[] = [];
  const add = (what: string) => findings.push(damage(`${path}${what}`, fetching(manifest.id, prefix)));
  for (const part of manifest.parts) {
    const look = async () => wrongPart(objects, await oidAt(part.path), part);
    const wrong = await (!part.lfs && part.size > largeFile ? oneAtATime(look) : look());
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
  const bytes = await objects.bytes(oid);
  if (bytes === undefined) return 'is missing or damaged.';
  const pointed = part.lfs ? readPointer(bytes) : undefined;
  const holds = part.lfs
    ? pointed?.sha256 === part.sha256 && pointed.size === part.size
    : sha256(bytes) === part.sha256;
  return holds ? undefined : 'is not what backup.json says.';
}

/** A person may have committed anything as a record: what it must be stands in backup.json, and was compared. */
function modifiedOf(bytes: Buffer | undefined): string | undefined {
  const record = bytes === undefined ? undefined : jsonIn(bytes.toString());
  const isRecord = record !== null && typeof record === 'object' && 'modified' in record;
  return isRecord && typeof record.modified === 'number' ? String(record.modified) : undefined;
}

/** How a damaged item is fetched again: itself, or all of its member where its id is lost. */
function fetching(itemId: string | undefined, prefix: string): Parameters<typeof damage>[1] {
  if (itemId !== undefined) return { mend: { do: 'fetch', itemId } };
  const user = prefix.slice('content/'.length, -1);
  const body = JSON.stringify({ users: [user], force: true });
  return { cure: `Run \`ago-backup run --force --user ${user}\`, or POST ${body} to /api/backups.` };
}
