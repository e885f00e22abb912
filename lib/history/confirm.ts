import type { Archive } from '../archive/archive.ts';
import type { Manifest } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import { factsOf } from './folders.ts';
import type { State } from './history.ts';
import { manifestOf } from './item-files.ts';
import { usersFolder } from './old-items.ts';
import type { Seen } from './version-at.ts';

/** The history index told something that its commit does not hold: it is to be read without. */
export class WrongIndex extends Error {}

/** Looks whether a commit has an item where its version says. Throws WrongIndex. What is damaged is told when it is read. */
export async function confirm({ repository }: Archive, { commit, after }: Seen): Promise<void> {
  try {
    const { tree } = await repository.commit(commit.oid);
    if ((await repository.treeAt(tree, after.path)) !== after.tree) throw new WrongIndex();
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
  }
}

/**
 * The backup.json of a version, which must call the item what its version calls it: a name is never told on the word of the index alone.
 * Undefined when it cannot be read. Throws WrongIndex.
 */
export async function confirmedManifest(archive: Archive, state: State): Promise<Manifest | undefined> {
  const manifest = await manifestOf(archive, state);
  // The old script wrote no names down: they are those of the folders.
  if (manifest === undefined || state.path.startsWith(`${usersFolder}/`)) return manifest;
  const told = factsOf(manifest);
  for (const field of ['id', 'title', 'owner', 'folder', 'type', 'size'] as const)
    if (told[field] !== state[field]) throw new WrongIndex();
  return manifest;
}
