import type { Archive } from '../../archive/archive.ts';
import { proved, sha256 } from '../../archive/sha256.ts';
import type { Manifest, Part } from '../../backup/item.ts';
import { collisionKey, nameWithId, safeName } from '../../backup/names/names.ts';
import { chunks } from '../../storage/json-blobs.ts';
import { findPart, manifestOf, smallFile } from '../item-files.ts';
import type { Seen } from '../version-at.ts';

/** A file on its way out. */
export interface OutFile {
  /** below the target, `/` between names, each of which any system takes */
  path: string;
  /** bytes */
  size: number;
  sha256: string;
  /** when the item was last modified, epoch ms; undefined where its stamp does not say */
  modified: number | undefined;
  /** The bytes, each time anew. They throw DamagedPart at their end when they are not those of the SHA-256. */
  open: () => AsyncIterable<Uint8Array>;
}

/** Where files are put. An item's files come in one call, so that none is seen before all are there. */
export interface Target {
  /** items that may be written at the same time */
  readonly atOnce: number;
  /** Puts an item's files in place; the paths of those that turned out to be damaged, and are not there. Throws TARGET_FULL and TARGET_REFUSED. */
  put(folder: string, files: readonly OutFile[]): Promise<ReadonlySet<string>>;
}

/** Bytes of the archive that are not what backup.json says. */
export class DamagedPart extends Error {}

/** What was taken out of one item. */
export interface TakenItem {
  itemId: string;
  title: string;
  commit: string;
  /** `ok` = written, and its bytes are those that backup.json names; else `message` says what is wrong with it */
  files: { path: string; size: number; sha256: string; ok: boolean; message?: string }[];
}

/** Takes the files of items out of the archive, as the portal had them. Each byte is checked. */
export async function takeOut(
  archive: Archive,
  versions: readonly Seen[],
  target: Target,
): Promise<{ items: TakenItem[]; bytes: number }> {
  const items: TakenItem[] = [];
  for await (const group of chunks(withFolders(versions), target.atOnce))
    items.push(...(await Promise.all(group.map((each) => takeItem(archive, each, target)))));
  const whole = items.flatMap(({ files }) => files).filter(({ ok }) => ok);
  return { items, bytes: whole.reduce((sum, { size }) => sum + size, 0) };
}

/** The folder of each, as in the archive; versions of other times may have shared one. */
function withFolders(versions: readonly Seen[]): { version: Seen; folder: string }[] {
  const taken = new Set<string>();
  return versions.map((version) => {
    const names = version.after.path.split('/').map(safeName);
    const parent = names.slice(0, -1).join('/');
    const name = nameWithId(names.at(-1) ?? '', version.after.id, (each) =>
      taken.has(collisionKey(`${parent}/${each}`)),
    );
    const folder = `${parent}/${name}`;
    taken.add(collisionKey(folder));
    return { version, folder };
  });
}

async function takeItem(
  archive: Archive,
  { version, folder }: { version: Seen; folder: string },
  target: Target,
): Promise<TakenItem> {
  const { id, title } = version.after;
  const manifest = await manifestOf(archive, version.after);
  const files: TakenItem['files'] = [];
  if (manifest === undefined) {
    files.push({ path: `${folder}/backup.json`, size: 0, sha256: '', ok: false, message: 'is missing or damaged' });
    return { itemId: id, title, commit: version.commit.oid, files };
  }
  const out: OutFile[] = [];
  for (const found of await filesOf(archive, version, manifest, folder)) {
    if ('open' in found) out.push(found);
    else files.push(found);
  }
  const damaged = await target.put(folder, out);
  for (const { path, size, sha256: hash } of out) {
    const ok = !damaged.has(path);
    files.push({ path, size, sha256: hash, ok, ...(!ok && { message: 'is damaged' }) });
  }
  return { itemId: id, title, commit: version.commit.oid, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function filesOf(
  archive: Archive,
  { after }: Seen,
  manifest: Manifest,
  folder: string,
): Promise<(OutFile | TakenItem['files'][number])[]> {
  const time = Number(manifest.stamp.split(',')[0]);
  const modified = Number.isSafeInteger(time) && time > 0 && time < latestDate ? time : undefined;
  const names = safeNames(folder);
  const files: (OutFile | TakenItem['files'][number])[] = [];
  for (const name of ['backup.json', 'timestamp.txt']) {
    const bytes = await smallFile(archive, after, name);
    const path = names(name);
    if (bytes !== undefined)
      files.push({ path, size: bytes.length, sha256: sha256(bytes), modified, open: once(bytes) });
  }
  for (const part of manifest.parts) {
    const path = names(part.path);
    const source = await findPart(archive, after, part);
    const { size, sha256: hash } = part;
    if (typeof source === 'string') files.push({ path, size, sha256: hash, ok: false, message: source });
    else {
      const open = 'bytes' in source ? once(source.bytes) : () => checked(archive, source.large, part);
      files.push({ path, size, sha256: hash, modified, open });
    }
  }
  return files;
}

/** The latest that a Date can be, and files of every system: the year 9999. */
const latestDate = 253_402_300_799_000;

/** Names of an item's files that any system takes; what a person committed may be called anything. */
function safeNames(folder: string): (path: string) => string {
  const taken = new Set<string>();
  return (path) => {
    const names = path.split('/').map(safeName);
    const parent = [folder, ...names.slice(0, -1)].join('/');
    const last = names.at(-1) ?? '';
    let name = last;
    for (let n = 2; taken.has(collisionKey(`${parent}/${name}`)); n++) name = `${n} ${last}`;
    taken.add(collisionKey(`${parent}/${name}`));
    return `${parent}/${name}`;
  };
}

function once(bytes: Buffer): () => AsyncIterable<Uint8Array> {
  return async function* () {
    yield await Promise.resolve(bytes);
  };
}

/** The bytes of a Git LFS object. Throws DamagedPart at their end. */
async function* checked({ store }: Archive, name: string, part: Part): AsyncGenerator<Uint8Array> {
  const found = await store.stream(name);
  if (found === undefined) throw new DamagedPart('is missing');
  if (found.info.size !== part.size) throw new DamagedPart('has another length');
  yield* proved(found.body, part.sha256, () => new DamagedPart('is damaged'));
}
