import { readManifest, readIndex, indexBytes } from './item-manifest.ts';
import type { Saved } from '../backup/item.ts';
import { indexName } from './layout.ts';
import type { Archive } from './archive.ts';

/**
 * What a tree holds of one member, by item id. Kept as a blob under the tree's own id, so it is valid by its name;
 * when it is missing or damaged, it is made again from the backup.json files of that very tree.
 * @param tree id of `content/<member>`; null = nothing yet
 */
export async function readIndexOf(archive: Archive, tree: string | null): Promise<Record<string, Saved>> {
  if (tree === null) return {};
  const blob = await archive.store.get(indexName(tree));
  const index = blob && readIndex(tree, blob.bytes);
  if (index !== undefined) return index;
  const items = await readItems(archive, tree);
  await writeIndex(archive, tree, items);
  return Object.fromEntries(items.map((saved) => [saved.id, saved]));
}

/** Keeps the index of a tree. */
export async function writeIndex(archive: Archive, tree: string, items: Iterable<Saved>): Promise<void> {
  await archive.store.put(indexName(tree), indexBytes(tree, items));
}

async function readItems(archive: Archive, tree: string): Promise<Saved[]> {
  const items: Saved[] = [];
  for (const folder of await folders(archive, tree)) {
    for (const type of await folders(archive, folder.oid)) {
      for (const title of await folders(archive, type.oid)) {
        const file = (await archive.repository.tree(title.oid)).find(({ name }) => name === 'backup.json');
        const manifest = file && readManifest(await archive.repository.blob(file.oid));
        if (manifest) items.push({ ...manifest, path: `${folder.name}/${type.name}/${title.name}` });
      }
    }
  }
  return items;
}

async function folders({ repository }: Archive, tree: string) {
  return (await repository.tree(tree)).filter(({ type }) => type === 'tree');
}
