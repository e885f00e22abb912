import { usersFolder } from './old-layout.ts';

/**
 * What somebody else's archive looks like, as the end of a sentence.
 * @param names at its top
 * @param inside the names in a folder of them
 */
export async function recognised(
  names: readonly string[],
  inside: (name: string) => Promise<readonly string[]>,
): Promise<string> {
  if (names.includes('content') && names.includes('README.md')) return 'is an archive of ago-backup already';
  // Each item in a folder named by its id. https://github.com/skeenp/agol_backup
  if (names.includes('items') && (await inside('items')).some((name) => /^[0-9a-f]{32}$/.test(name)))
    return 'is laid out as skeenp/agol_backup does, by ids of items: nothing of it can be taken over';
  if (names.includes(usersFolder)) return `has a folder ${usersFolder} as the old script makes it, but no history`;
  const shown = names.slice(0, 8).join(', ');
  return `is not laid out as the old script does: it holds ${shown}${names.length > 8 ? ', …' : ''}`;
}
