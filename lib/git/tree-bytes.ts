import { BackupError } from '../errors.ts';

/** One entry of a tree. */
export interface TreeEntry {
  name: string;
  /** six digits: 100644 is a file, 040000 a folder */
  mode: string;
  oid: string;
  type: 'blob' | 'tree' | 'commit';
}

/**
 * The bytes of a tree object. Ours, because isomorphic-git sorts names by UTF-16 units where git sorts their UTF-8 bytes: an
 * emoji beside a full-width letter would make a tree that git refuses. Throws RangeError for names no tree may hold.
 * https://git-scm.com/docs/git-mktree; order: https://github.com/git/git/blob/master/tree.c (name compared as if folders end in /)
 */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  const names = new Set<string>();
  const keyed = entries.map((entry) => {
    if (names.has(entry.name)) throw new RangeError(`"${entry.name}" stands twice in one folder`);
    names.add(checkEntryName(entry.name));
    return { entry, key: Buffer.from(entry.type === 'tree' ? `${entry.name}/` : entry.name) };
  });
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    keyed.flatMap(({ entry: { mode, name, oid } }) => [
      Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
      Buffer.from(oid, 'hex'),
    ]),
  );
}

/** Reads a tree object. Throws STORE_DAMAGED. */
export function decodeTree(bytes: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > bytes.length)
      throw new BackupError('STORE_DAMAGED', 'A tree of the archive is damaged.');
    const mode = bytes.toString('latin1', at, space).padStart(6, '0');
    const oid = bytes.toString('hex', end + 1, end + 21);
    entries.push({ name: bytes.toString('utf8', space + 1, end), mode, oid, type: typeOf(mode) });
    at = end + 21;
  }
  return entries;
}

/** Gives back a name that one entry of a tree may have. Throws RangeError: names are made safe before they come here. */
export function checkEntryName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || name.toLowerCase() === '.git') {
    throw new RangeError(`${JSON.stringify(name)} cannot be a name in a tree`);
  }
  return name;
}

function typeOf(mode: string): TreeEntry['type'] {
  if (mode === '040000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}
