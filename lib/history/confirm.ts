import type { Archive } from '../archive/archive.ts';
import { isCode } from '../errors.ts';
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
