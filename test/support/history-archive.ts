import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestBytes } from '../../lib/archive/item-manifest.ts';
import { sha256 } from '../../lib/archive/sha256.ts';
import type { Part } from '../../lib/backup/item.ts';
import { canonicalJson } from '../../lib/backup/json.ts';
import { systemClock } from '../../lib/clock.ts';
import { branch } from '../../lib/git/layout.ts';
import { NewObjects } from '../../lib/git/new-objects.ts';
import { encodeEntry } from '../../lib/git/pack/pack-entry.ts';
import { changePacks } from '../../lib/git/pack/pack-list.ts';
import { writePack } from '../../lib/git/pack/write-pack.ts';
import { prepareRepository } from '../../lib/archive/prepare.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { encodeStaged } from '../../lib/archive/staged-item.ts';
import { updateIndex } from '../../lib/history/index/update.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { openStore } from '../../lib/storage/open.ts';
import { mergePacks } from '../../lib/upkeep/maintain/merge-packs.ts';

/** How long a history is made. */
export interface HistorySize {
  items: number;
  commits: number;
  /** items that each commit changes */
  changes: number;
}

const members = 200;
const night = 86_400_000;
const begun = Date.UTC(2024, 0, 1, 2);
/** Of what is written here; another number makes the archive anew. */
const edition = 1;

/** The id of the n-th item. */
export const idOf = (n: number) => createHash('md5').update(`item ${n}`).digest('hex');
/** Its title. */
export const titleOf = (n: number) => `Item ${n}`;
const serviceOf = (n: number) => `https://services.example.org/abc/arcgis/rest/services/Layer_${n}/FeatureServer`;
/** Every tenth item is a layer, the others are maps. */
const isLayer = (n: number) => n % 10 === 0;
const typeOf = (n: number) => (isLayer(n) ? 'Feature Service' : 'Web Map');

/**
 * The address of an archive with a long history, as nights of a run leave it: a pack and a segment of the index each night, both merged
 * in tiers. It is made once, and kept in the folder for temporary files. @param tell hears how far it is
 */
export async function historyArchive(size: HistorySize, tell?: (line: string) => void): Promise<string> {
  const { items, commits, changes } = size;
  const folder = join(tmpdir(), `ago-bench-history-${edition}-${items}-${commits}-${changes}`);
  if (
    await access(folder).then(
      () => true,
      () => false,
    )
  )
    return `file:${folder}`;
  const half = `${folder}.half`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true });
  await writeHistory(openStore(`file:${half}`, { clock: systemClock }), size, tell);
  await rename(half, folder);
  return `file:${folder}`;
}

/** One night more, as a run publishes it. */
export async function addNight(store: BlobStore, changes: number): Promise<void> {
  const random = () => randomBytes(20).toString('hex');
  const repository = openRepository(store, { random, clock: systemClock });
  const base = await repository.head();
  if (base === undefined) throw new Error('the archive has no commit');
  const files = Array.from({ length: changes }, (_, n) => n).flatMap((n) =>
    filesOf(n, 9999, 10_000).map(([name, bytes]) => [`${folderOf(n)}/${name}`, bytes] as const),
  );
  const { bytes, oids } = encodeStaged(
    {},
    files.map(([, file]) => file),
  );
  const staged = 'ago-backup/runs/bench/staged/all';
  await store.put(staged, bytes);
  const edits = files.map(([path], n) => ({ path, entry: { mode: '100644' as const, oid: oids[n] ?? '' } }));
  const objects = repository.newObjects();
  const tree = await repository.applyEdits(objects, base.tree, edits);
  await repository.publish({
    base,
    tree,
    message: 'Backup\n\nRun-Id: x\n',
    timeMs: base.time + night,
    objects,
    staged: [staged],
  });
}

function folderOf(n: number): string {
  return `content/${memberOf(n)}/None/${typeOf(n)}/${titleOf(n)}`;
}

/** Trees that were made last, by member, type and title: nothing has to be read back. */
type Trees = Map<string, Map<string, Map<string, string>>>;

/** Writes the nights of such an archive into an empty store. @param tell hears how far it is */
export async function writeHistory(
  store: BlobStore,
  { items, commits, changes }: HistorySize,
  tell: (line: string) => void = () => undefined,
): Promise<void> {
  let names = 0;
  const random = () => createHash('sha1').update(`name ${names++}`).digest('hex');
  await prepareRepository(store, () => Promise.resolve());
  const trees: Trees = new Map();
  let parent: string | undefined;
  for (let commit = 0; commit < commits; commit++) {
    // A stride that meets every item in turn, and other neighbours each night.
    const touched =
      commit === 0
        ? Array.from({ length: items }, (_, item) => item)
        : Array.from({ length: changes }, (_, each) => ((commit * changes + each) * 7919) % items);
    const objects = new NewObjects();
    for (const item of touched) await addItem(objects, trees, item, commit, items);
    const tree = await rootOf(objects, trees, new Set(touched.map(memberOf)));
    parent = objects.add('commit', commitBytes({ tree, parent, commit, changed: touched.length }));
    const all = [...objects];
    const pack = random();
    await writePack(store, pack, all.length, packed(all));
    await changePacks(store, (packs) => [pack, ...packs]);
    await store.put(branch, Buffer.from(`${parent}\n`));
    await updateIndex({ store });
    if ((await mergePacks(store, { random })) !== undefined) await deleteUnlisted(store);
    if (commit % 100 === 0) tell(`  commit ${commit} of ${commits}`);
  }
}

async function* packed(objects: readonly { type: Parameters<typeof encodeEntry>[0]; bytes: Buffer }[]) {
  for (const { type, bytes } of objects) yield await Promise.resolve(encodeEntry(type, bytes));
}

/** Two weeks pass: what merges replaced is swept. */
async function deleteUnlisted(store: BlobStore): Promise<void> {
  const listed = (await store.get('objects/info/packs'))?.bytes.toString() ?? '';
  for await (const { name } of store.list('objects/pack/'))
    if (!listed.includes(/pack-[0-9a-f]{40}/.exec(name)?.[0] ?? '')) await store.delete(name);
}

function memberOf(n: number): string {
  return `member${n % members}`;
}

function commitBytes({
  tree,
  parent,
  commit,
  changed,
}: Record<'commit' | 'changed', number> & { tree: string; parent: string | undefined }) {
  const by = `ago-backup <ago-backup@localhost> ${(begun + commit * night) / 1000} +0000`;
  const before = parent === undefined ? '' : `parent ${parent}\n`;
  const text = `Backup ${commit}: ${changed} changed\n\nRun-Id: bench-${commit}\n`;
  return Buffer.from(`tree ${tree}\n${before}author ${by}\ncommitter ${by}\n\n${text}`);
}

async function addItem(objects: NewObjects, trees: Trees, n: number, commit: number, items: number): Promise<void> {
  const entries = [];
  for (const [name, bytes] of filesOf(n, commit, items))
    entries.push({ name, mode: '100644', type: 'blob' as const, oid: await objects.writeBlob(bytes) });
  const types = trees.get(memberOf(n)) ?? new Map<string, Map<string, string>>();
  trees.set(memberOf(n), types);
  const titles = types.get(typeOf(n)) ?? new Map<string, string>();
  types.set(typeOf(n), titles.set(titleOf(n), await objects.writeTree(entries)));
}

const content = new Map<string, string>();

async function rootOf(objects: NewObjects, trees: Trees, touched: ReadonlySet<string>): Promise<string> {
  const folder = (entries: Iterable<readonly [string, string]>) =>
    objects.writeTree([...entries].map(([name, oid]) => ({ name, oid, mode: '040000', type: 'tree' as const })));
  for (const member of touched) {
    const types: [string, string][] = [];
    for (const [type, titles] of trees.get(member) ?? []) types.push([type, await folder(titles)]);
    content.set(member, await folder([['None', await folder(types)]]));
  }
  return folder([['content', await folder(content)]]);
}

function filesOf(n: number, commit: number, items: number): [string, Buffer][] {
  const owner = memberOf(n);
  const [id, title, type] = [idOf(n), titleOf(n), typeOf(n)];
  const layer = n - (n % 10);
  const named = isLayer(n) ? [] : [layer, (layer + 10) % items];
  const modified = begun + commit * night;
  const data = isLayer(n)
    ? { layers: [{ id: 0, popupInfo: { title: `{NAME} ${commit}` } }] }
    : {
        operationalLayers: named.map((other) => ({
          id: `layer-${other}`,
          title: titleOf(other),
          url: `${serviceOf(other)}/0`,
          itemId: idOf(other),
          opacity: (commit % 100) / 100,
          layerDefinition: { definitionExpression: `STATUS = ${commit}` },
        })),
        baseMap: { title: 'Topographic', baseMapLayers: [] },
        version: '2.31',
      };
  const record = {
    ...{ id, owner, title, type, modified, created: begun, access: 'org', size: 1000 },
    ...{ tags: ['bench', `tag ${n % 7}`], typeKeywords: isLayer(n) ? ['Hosted Service', 'Service'] : ['Map'] },
    ...{ url: isLayer(n) ? serviceOf(n) : null, snippet: `What the item ${n} is about`, description: 'x'.repeat(200) },
  };
  const parts = [
    part('data', 'data.json', Buffer.from(JSON.stringify(data))),
    part('record', 'item.json', Buffer.from(canonicalJson(record))),
  ];
  const stamp = `${modified}`;
  const manifest = manifestBytes({
    format: 1.1,
    ...{ id, owner, folder: 'None', folderId: null, type, title, stamp, parts: parts.map((each) => each.part) },
    ...(isLayer(n) && { layers: [{ id: 0, name: title, rows: commit, attachments: 0 }], service: serviceOf(n) }),
    uses: [...named.map(idOf).sort(), ...named.map(serviceOf).sort()],
    notes: [],
  });
  return [
    ['timestamp.txt', Buffer.from(stamp)],
    ['backup.json', manifest],
    ...parts.map(({ part: { path }, bytes }): [string, Buffer] => [path, bytes]),
  ];
}

function part(role: Part['role'], path: string, bytes: Buffer): { part: Part; bytes: Buffer } {
  return { part: { path, role, size: bytes.length, sha256: sha256(bytes), lfs: false }, bytes };
}
