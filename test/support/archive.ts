import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Manifest, Part } from '../../lib/backup/item.ts';
import { largeName } from '../../lib/archive/layout.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { VirtualClock } from './clock.ts';
import type { Content } from './portal/content.ts';
import type { SimulatedPortal } from './portal/portal.ts';
import type { PortalItem } from './portal/words.ts';

/** What an archive holds. */
export interface Held {
  /** by item id; `path` of the item's folder */
  items: Map<string, { manifest: Manifest; path: string }>;
  /** The bytes of a file, through its Git LFS pointer if it has one. */
  read(path: string): Promise<Buffer>;
}

/** A clone by stock git, and what it holds. */
export interface Archive extends Held {
  /** of the working copy */
  folder: string;
  /** commits, newest first */
  log: string[];
}

/**
 * Clones the store with stock git, checks it with `fsck --strict`, and reads it.
 * @param known what fsck may find, since others made it: git's names for such findings
 */
export async function cloneArchive(t: TestContext, store: string, known: readonly string[] = []): Promise<Archive> {
  const folder = join(await temporaryFolder(t), 'clone');
  await git(store, ...known.flatMap((name) => ['-c', `fsck.${name}=ignore`]), 'fsck', '--strict');
  await git(store, 'clone', '--quiet', '--no-local', store, folder);
  const read = async (path: string) => {
    const bytes = await readFile(join(folder, path));
    const large = largeIn(bytes);
    return large === undefined ? bytes : readFile(join(store, large));
  };
  const items = await itemsOf(await readdir(folder, { recursive: true }), read);
  const log = (await git(folder, 'log', '--format=%s')).trim().split('\n');
  return { folder, items, read, log };
}

/** The same without stock git, for stores in memory that are read very often. */
export async function readArchive(
  store: BlobStore,
): Promise<Held & { commit: string; parent: string | undefined; tree: string }> {
  const repository = openRepository(store, { random: () => '0'.repeat(40), clock: new VirtualClock() });
  const head = await repository.head();
  if (head === undefined)
    return {
      items: new Map(),
      read: () => assert.fail('the archive is empty'),
      commit: '',
      parent: undefined,
      tree: '',
    };
  const files = new Map<string, string>();
  const walk = async (tree: string, path: string): Promise<void> => {
    for (const { name, oid, type } of await repository.tree(tree)) {
      if (type === 'tree') await walk(oid, `${path}${name}/`);
      else files.set(path + name, oid);
    }
  };
  await walk(head.tree, '');
  const read = async (path: string) => {
    const bytes = await repository.blob(files.get(path) ?? assert.fail(`the archive lacks ${path}`));
    const large = largeIn(bytes);
    return large === undefined ? bytes : ((await store.get(large))?.bytes ?? assert.fail(`the store lacks ${large}`));
  };
  const { commit, parent, tree } = head;
  return { items: await itemsOf([...files.keys()], read), read, commit, parent, tree };
}

/** The sentences of an item's notes. */
export function sentences(manifest: Manifest | undefined): string {
  return (manifest?.notes ?? []).map(({ text }) => text).join();
}

/** The Git LFS object that a pointer leads to. */
function largeIn(bytes: Buffer): string | undefined {
  const found = /^version https:\/\/git-lfs[^\n]*\noid sha256:([0-9a-f]{64})\n/.exec(bytes.toString('latin1', 0, 200));
  return found?.[1] && largeName(found[1]);
}

async function itemsOf(files: readonly string[], read: Held['read']): Promise<Held['items']> {
  const items: Held['items'] = new Map();
  // A title or a resource may be called backup.json as well.
  for (const path of files.filter((file) => /^content(\/[^/]+){4}\/backup\.json$/.test(file))) {
    const manifest = JSON.parse((await read(path)).toString()) as Manifest;
    assert.ok(!items.has(manifest.id), `item ${manifest.id} is in the archive twice`);
    items.set(manifest.id, { manifest, path: dirname(path) });
  }
  return items;
}

/** Is the archive, byte for byte, what the portal holds? Items tagged ago_view and code attachments apart. */
export async function assertSameAsPortal(archive: Held, portal: SimulatedPortal): Promise<void> {
  const wanted = [...portal.org.items.values()].filter(isWanted);
  assert.deepEqual([...archive.items.keys()].sort(), wanted.map(({ record }) => record.id).sort());
  for (const item of wanted) await assertSameItem(archive, portal, item);
}

/** Is it an item that a backup with the usual settings saves? */
export function isWanted({ record, job, recycled }: PortalItem): boolean {
  return job === null && !recycled && !record.tags.includes('ago_view') && record.type !== 'Code Attachment';
}

/** Is this item in the archive, byte for byte, what the portal holds? */
export async function assertSameItem(archive: Held, portal: SimulatedPortal, { record }: PortalItem): Promise<void> {
  const { manifest, path } = archive.items.get(record.id) ?? assert.fail(record.id);
  const truth = portal.org.truth(record.id);
  const file = async (part: Part) => {
    const bytes = await archive.read(`${path}/${part.path}`);
    assert.equal(bytes.length, part.size, `${path}/${part.path}: size`);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), part.sha256, `${path}/${part.path}: hash`);
    return bytes;
  };
  const only = (role: Part['role']) => manifest.parts.filter((part) => part.role === role);
  const same = async (role: Part['role'], content: Content | null) => {
    const [part, ...others] = only(role);
    assert.deepEqual(others, [], `${path}: more than one ${role}`);
    if (content === null) return assert.equal(part, undefined, `${path} has a ${role} that the portal has not`);
    assert.ok(part, `${path} lacks its ${role}`);
    assert.ok((await file(part)).equals(content.bytes()), `${path}/${part.path} is not what the portal held`);
  };
  await same('data', truth.data);
  await same('metadata', truth.metadata);
  const byQuery = only('export').filter((part) => part.path.startsWith('features/'));
  for (const part of byQuery) assertSameRows((await file(part)).toString(), part.path, portal, record.id);
  if (manifest.type === 'Feature Service' && only('export').length > byQuery.length) {
    const format = only('export')[0]?.path.endsWith('.csv') ? 'CSV' : 'File Geodatabase';
    await same('export', truth.export(format));
  }
  for (const part of manifest.parts) await file(part);
  await assertSurroundings(archive, portal, record.id, { manifest, path });
  const saved = JSON.parse((await archive.read(`${path}/item.json`)).toString()) as Record<string, unknown>;
  assert.deepEqual([saved['id'], saved['title'], saved['modified']], [record.id, record.title, record.modified]);
  assert.equal('numViews' in saved, false);
  const stamp = (await archive.read(`${path}/timestamp.txt`)).toString();
  assert.ok(stamp.startsWith(String(record.modified)));
  assert.equal(stamp, manifest.stamp);
}

/** A layer that was read by queries has every row, in order. */
function assertSameRows(text: string, path: string, portal: SimulatedPortal, id: string): void {
  const service = portal.org.item(id).service;
  if (path.startsWith('features/attachments/') && path.endsWith('.jsonl')) return;
  const attached = /^features\/attachments\/(\d+)\/(\d+)\/(\d+) /.exec(path);
  const layerId = Number(attached?.[1] ?? /^features\/(\d+) /.exec(path)?.[1]);
  const layer = [...(service?.layers ?? []), ...(service?.tables ?? [])].find((each) => each.id === layerId);
  const rows = layer?.rows ?? assert.fail(path);
  if (attached) {
    const held = rows
      .find((row) => row.id === Number(attached[2]))
      ?.attachments.find((each) => each.id === Number(attached[3]));
    return assert.equal(text, held?.content.bytes().toString());
  }
  const { features } = JSON.parse(text) as { features: Record<string, { OBJECTID: number; NAME: string | null }>[] };
  assert.deepEqual(
    features.map(({ properties, attributes }) => [
      (properties ?? attributes)?.OBJECTID,
      (properties ?? attributes)?.NAME,
    ]),
    rows.map((row) => [row.id, row.name]),
  );
}

/** Thumbnail, resources, sharing, relationships, definition: each as the portal holds it. */
async function assertSurroundings(
  archive: Held,
  portal: SimulatedPortal,
  id: string,
  { manifest, path }: { manifest: Manifest; path: string },
): Promise<void> {
  const { record, resources, infos, groups, relations, service } = portal.org.item(id);
  const read = (name: string) => archive.read(`${path}/${name}`);
  const held = new Map(
    manifest.parts
      .filter(({ role }) => role === 'resource')
      .map((part) => [part.name ?? part.path.slice('resources/'.length), part]),
  );
  assert.deepEqual([...held.keys()].sort(), [...resources.keys()].sort());
  for (const [name, part] of held) {
    assert.ok((await read(part.path)).equals(resources.get(name)?.content.bytes() ?? assert.fail(name)), name);
    assert.equal(part.private === true, resources.get(name)?.access === 'private');
  }
  const thumbnail = manifest.parts.find(({ role }) => role === 'thumbnail');
  const picture = record.thumbnail === null ? undefined : infos.get(record.thumbnail);
  assert.equal(thumbnail === undefined, picture === undefined);
  if (thumbnail && picture) assert.ok((await read(thumbnail.path)).equals(picture.bytes()));
  assert.deepEqual(JSON.parse((await read('sharing.json')).toString()), {
    access: record.access,
    groups: [...groups].sort(),
  });
  const related = manifest.parts.find(({ role }) => role === 'related');
  const saved = related ? (JSON.parse((await read(related.path)).toString()) as { itemId: string }[]) : [];
  const visible = relations.filter((relation) => portal.org.items.has(relation.id));
  assert.deepEqual(saved.map(({ itemId }) => itemId).sort(), visible.map((relation) => relation.id).sort());
  if (service?.hosted) {
    const { layers } = JSON.parse((await read('layers.json')).toString()) as { layers: { layers: { name: string }[] } };
    assert.deepEqual(
      layers.layers.map(({ name }) => name),
      service.layers.map(({ name }) => name),
    );
  }
}
