import { beginsAsJson } from '../backup/files/json-form.ts';
import type { Folder, Item, Manifest } from '../backup/item.ts';
import { dataName, exportName } from '../backup/names/part-names.ts';
import { rootFolder } from '../backup/names/paths.ts';
import { note, sortNotes } from '../backup/notes.ts';
import { attributesLine } from '../archive/lfs.ts';
import { manifestBytes } from '../archive/item-manifest.ts';
import { runBlobs } from '../archive/runs/run-blobs.ts';
import { sha256 } from '../archive/sha256.ts';
import { encodeStaged, type StagedItem } from '../archive/staged-item.ts';
import type { Deps } from '../run/deps.ts';
import { readWhole } from '../run/save/reuse-staged.ts';
import { stagePart, withRoom, type ItemDeps, type Taken } from '../run/save/stage-part.ts';
import { metadataFile, type OldDirectory } from './old-layout.ts';
import { usesOf } from '../run/save/uses-of.ts';
import type { Judgement } from './judge.ts';
import type { OldObjects } from './old-objects.ts';

/** What opens objects of the old repository. */
export type Opens = Pick<OldObjects, 'open'>;

/** An item whose files are taken over. */
export interface Carried {
  item: Item;
  folder: Folder | undefined;
  stamp: string;
  directory: OldDirectory;
  take: Extract<Judgement, { take: object }>['take'];
}

/**
 * Stages an item as a run would have, with the bytes of the old archive, unless a take-over that was killed has done so. Its record is left
 * out, so that the next run reads everything small, which the old script did not save, and no data. Throws ITEM_DAMAGED where an
 * export is none.
 */
export async function carry(deps: Deps, runId: string, objects: Opens, carried: Carried): Promise<string> {
  const staged = runBlobs(runId).staged(keyOf(carried, deps.rules.lfsThreshold));
  if ((await readWhole(deps, staged)) !== undefined) return staged;
  const roomy = withRoom(deps);
  const taken: Taken[] = [];
  for (const part of [metadata, data, exported]) {
    const found = await part(roomy, objects, carried, taken);
    if (found !== undefined) taken.push(found);
  }
  const manifest = { ...manifestOf(carried, taken), ...(await usesOf(deps, { item: carried.item }, taken)) };
  const files = filesOf(manifest, taken);
  const header: StagedItem = {
    manifest,
    created: carried.item.created,
    folderCreated: carried.folder?.created ?? 0,
    files: files.map(([name]) => name),
    kept: [],
    bytes: 0,
  };
  const { bytes } = encodeStaged(
    header,
    files.map(([, content]) => content),
  );
  await deps.store.put(staged, bytes);
  return staged;
}

/** All that decides how an item's files of one old commit are staged: what is staged under another key is not what is wanted. */
function keyOf({ item, folder, stamp, directory, take }: Carried, lfsThreshold: number): string {
  const { id, owner, type, title, name, created } = item;
  const all = [id, owner, type, title, name, created, folder ?? null, stamp, directory.path, take, lfsThreshold];
  return sha256(Buffer.from(JSON.stringify(all))).slice(0, 32);
}

type Carrier = (
  deps: ItemDeps,
  objects: Opens,
  carried: Carried,
  before: readonly Taken[],
) => Promise<Taken | undefined>;

const metadata: Carrier = async (deps, objects, { directory, take }) => {
  const oid = directory.files.get(metadataFile);
  if (oid === undefined || take.data === metadataFile) return undefined;
  const { size, body } = await objects.open(oid);
  const taken = await stagePart(deps, 'metadata', { body, size }, () => metadataFile);
  // Where the portal has none, the old script saved what it said instead.
  return beginsAsJson(taken.bytes) || size === 0 ? undefined : taken;
};

const data: Carrier = async (deps, objects, { directory, take, item }) => {
  const oid = directory.files.get(take.data ?? '');
  if (oid === undefined) return undefined;
  const opened = await objects.open(oid);
  const body = take.isCrlf === true ? withCrlf(opened.body) : opened.body;
  const size = take.isCrlf === true ? undefined : opened.size;
  return stagePart(deps, 'data', { body, size }, (head) => dataName(item, item.name ?? undefined, beginsAsJson(head)));
};

const exported: Carrier = async (deps, objects, { directory, take, item }, before) => {
  const oid = directory.files.get(take.export ?? '');
  if (oid === undefined) return undefined;
  const { size, body } = await objects.open(oid);
  const extension = take.export?.endsWith('.csv') === true ? 'csv' : 'zip';
  const names = before.map(({ part }) => part.path);
  const name = () => exportName(item, extension, names);
  return stagePart(deps, 'export', { body, size }, name, extension === 'zip' ? 'zip' : undefined);
};

/** As the file was before git made LF of its CRLF on Windows. */
export async function* withCrlf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of body)
    yield Buffer.from(Buffer.from(piece).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}

function manifestOf({ item, folder, stamp, directory }: Carried, taken: readonly Taken[]): Manifest {
  const odd = taken.flatMap((each) => each.note ?? []);
  const none = taken.some(({ part }) => part.role === 'data')
    ? []
    : [note('NO_DATA', 'The portal has no data for this item.')];
  const from = note('TAKEN_OVER', `Taken over from ${directory.path} of an archive of SEMCOG/Ago_Backup.`);
  return {
    format: 1.1,
    id: item.id,
    owner: item.owner,
    folder: folder?.title ?? rootFolder,
    folderId: folder?.id ?? null,
    type: item.type,
    title: item.title ?? '',
    stamp,
    parts: taken.map(({ part }) => part).sort((a, b) => (a.path < b.path ? -1 : 1)),
    notes: sortNotes([...none, ...odd, from]),
  };
}

function filesOf(manifest: Manifest, taken: readonly Taken[]): [string, Buffer][] {
  const large = manifest.parts.filter(({ lfs }) => lfs).map(({ path }) => attributesLine(path));
  return [
    ['timestamp.txt', Buffer.from(manifest.stamp)],
    ['backup.json', manifestBytes(manifest)],
    ...taken.map(({ part, bytes }): [string, Buffer] => [part.path, bytes]),
    ...(large.length > 0 ? [['.gitattributes', Buffer.from(large.join(''))] as [string, Buffer]] : []),
  ];
}
