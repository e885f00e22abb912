import { largeName } from '../../archive/layout.ts';
import { readNamed } from '../../archive/read-uses.ts';
import type { Found } from '../../backup/found.ts';
import type { Manifest, Part } from '../../backup/item.ts';
import { memberPath } from '../../backup/names/paths.ts';
import { namingForm, ownService, usesList } from '../../backup/uses.ts';
import { isCode } from '../../errors.ts';
import type { Deps } from '../deps.ts';
import type { Taken } from './stage-part.ts';

/**
 * What backup.json says of what the item uses, and by which address others name it. What names the same as in the archive's version
 * is not read again; of the parts that stay, those that cannot be read name what they named.
 * @param taken with the record, where it is saved @param kept parts that stay as the archive has them
 */
export async function usesOf(
  deps: Deps,
  { item, saved }: Pick<Found, 'item' | 'saved'>,
  taken: readonly Taken[],
  kept: readonly Part[] = [],
): Promise<Required<Pick<Manifest, 'uses'>> & Pick<Manifest, 'service'>> {
  const parts = [...taken.map(({ part }) => part), ...kept];
  const service = ownService(item.url);
  const own = service === undefined ? {} : { service };
  if (saved?.uses !== undefined && sumOf(item.type, parts) === sumOf(saved.type, saved.parts))
    return { uses: saved.uses, ...own };
  const unreadable: Part[] = [];
  const named = await readNamed({ id: item.id, type: item.type, parts, record: item }, async (part) => {
    const bytes = await bytesOf(deps, saved, part, taken);
    if (bytes === undefined) unreadable.push(part);
    return bytes;
  });
  const before = unreadable.length > 0 ? (saved?.uses ?? []) : [];
  return { uses: [...new Set([...usesList(named), ...before])], ...own };
}

/** What decides about what an item names. */
function sumOf(type: string, parts: readonly Part[]): string {
  const naming = parts.filter((part) => namingForm(type, part) !== undefined);
  return naming
    .map(({ path, sha256 }) => `${sha256} ${path}`)
    .sort()
    .join('\n');
}

async function bytesOf(
  { store, repository }: Deps,
  saved: Found['saved'],
  { path, lfs, sha256 }: Part,
  taken: readonly Taken[],
): Promise<Buffer | undefined> {
  if (lfs) return (await store.get(largeName(sha256)))?.bytes;
  const fresh = taken.find(({ part }) => part.path === path);
  if (fresh !== undefined || saved === undefined) return fresh?.bytes;
  try {
    const head = await repository.head();
    const oid = head && (await repository.treeAt(head.tree, `${memberPath(saved.owner)}/${saved.path}/${path}`));
    return oid === undefined ? undefined : await repository.blob(oid);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}
